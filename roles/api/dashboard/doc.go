// Package dashboard is the pages that people look at: the dashboard, and the
// public status page.
//
// It is a client of the API within the API's own process: it shows nothing and
// does nothing that the API cannot, and who may what is decided there. Pages are
// HTML made on the server, which work without a script; app.js only keeps them
// up to date.
package dashboard
