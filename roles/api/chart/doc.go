// Package chart draws what webmon has measured as SVG: a metric over time and
// badges. It is pure: numbers and names in, bytes out.
//
// The pictures hold no scripts, no styles and no references, so they need
// nothing but themselves, and pass the strictest Content-Security-Policy.
package chart
