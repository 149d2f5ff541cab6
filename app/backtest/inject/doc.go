// Package inject writes attacked copies of real pages, to measure what a
// monitor notices.
//
// For a sample of the versions in a page's history, [Run] applies each of
// [Attacks] to the real version and adds the result to the history as a probe:
// judged, but not learned. The label of a probe is the attack's name. What an
// attack does to a page depends only on the seed, the names of the folder and
// the file, and the attack, so a run can be repeated.
//
// The attacks only look like attacks: their scripts do nothing, and the hosts
// they name are reserved for examples or made up.
package inject
