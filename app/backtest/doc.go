// Package backtest replays saved pages through the plugins, as they run in
// production, and counts how often they would have alarmed.
//
// A history is a folder with one page's versions: see [Open]. Every page is
// handed to the suite of all plugins together with the memory that the page
// before it left. Pages that are only probes are judged against that memory,
// and what they would have taught is thrown away.
//
// What a backtest counts are changed checks: pages equal to the learned page
// before them show nothing that was not judged already, and are left out of
// the rates. The first page of a folder counts as changed.
package backtest
