// Package services knows the sites of services that very many pages use: to
// measure visits, to manage tags and consent, to show ads, to take payments, to
// talk to visitors. That a page begins to use one is seldom an intruder's work.
//
// A site belongs here only if what it delivers is its owner's own program.
// Where anybody can put a file or a form (content delivery networks of packages,
// hosting, storage) it may be anyone's. Tag managers are between: what they
// deliver is theirs, and what it loads is up to whose account it is.
package services

import "strings"

// Known tells whether a registrable domain, in lower case, is that of a
// widespread service.
func Known(site string) bool { return known[site] }

var known = func() map[string]bool {
	set := make(map[string]bool)
	for _, site := range strings.Fields(list) {
		set[site] = true
	}
	return set
}()

const list = `
	googletagmanager.com google-analytics.com googleadservices.com googlesyndication.com doubleclick.net googletagservices.com
	googleoptimize.com gstatic.com recaptcha.net adtrafficquality.google youtube.com youtube-nocookie.com ytimg.com
	facebook.com facebook.net fbcdn.net linkedin.com licdn.com twitter.com t.co ads-twitter.com twimg.com tiktok.com sc-static.net redditstatic.com
	pinimg.com bing.com bing.net clarity.ms msecnd.net yandex.ru yimg.com quora.com vimeo.com vimeocdn.com spotify.com
	cloudflareinsights.com hcaptcha.com newrelic.com nr-data.net sentry-cdn.com sentry.io datadoghq-browser-agent.com
	bugsnag.com rollbar.com logrocket.io cdn-lr.com speedcurve.com go-mpulse.net
	hotjar.com contentsquare.net mouseflow.com crazyegg.com fullstory.com smartlook.com luckyorange.com inspectlet.com
	segment.com segment.io mxpnl.com mixpanel.com amplitude.com heapanalytics.com posthog.com plausible.io usefathom.com
	matomo.cloud simpleanalyticscdn.com goatcounter.com statcounter.com histats.com quantserve.com scorecardresearch.com
	chartbeat.com parsely.com comscore.com omtrdc.net demdex.net adobedtm.com everesttech.net 2o7.net at-o.net xiti.com
	piwik.pro snowplow.io rudderlabs.com tealiumiq.com tiqcdn.com ensighten.com
	optimizely.com visualwebsiteoptimizer.com vwo.com abtasty.com kameleoon.eu kameleoon.io launchdarkly.com split.io dynamicyield.com
	onetrust.com cookielaw.org cookiepro.com cookiebot.com cookieyes.com cdn-cookieyes.com cookie-script.com usercentrics.eu didomi.io privacy-center.org
	axept.io iubenda.com termly.io trustarc.com truste.com quantcast.com consensu.org osano.com transcend.io
	transcend-cdn.com ketchjs.com ketchcdn.com datagrail.io tarteaucitron.io commander1.com consentmanager.net sourcepoint.com
	criteo.com criteo.net taboola.com outbrain.com adnxs.com rubiconproject.com pubmatic.com amazon-adsystem.com adroll.com
	adsrvr.org casalemedia.com openx.net teads.tv media.net adform.net bidswitch.net rlcdn.com stackadapt.com simpli.fi
	hs-scripts.com hs-analytics.net hs-banner.com hscollectedforms.net hsadspixel.net hubspot.com
	usemessages.com hubspotfeedback.com marketo.net marketo.com pardot.com exacttarget.com salesforceliveagent.com
	intercom.io intercomcdn.com zdassets.com zopim.com drift.com driftt.com crisp.chat tawk.to livechatinc.com
	olark.com freshchat.com freshworks.com gorgias.chat helpscout.net liveperson.net lpsnmedia.net tidio.co tidiochat.com
	chimpstatic.com klaviyo.com mailerlite.com braze.com onesignal.com pushwoosh.com customer.io
	6sc.co demandbase.com bizible.com leadfeeder.com lftracker.com clearbit.com clearbitjs.com zoominfo.com 6sense.com
	stripe.com stripe.network paypal.com paypalobjects.com braintreegateway.com klarna.com klarnacdn.net adyen.com
	squareup.com squarecdn.com checkout.com mollie.com apple.com
	trustpilot.com yotpo.com bazaarvoice.com feefo.com reviews.io addthis.com addtoany.com sharethis.com disqus.com disquscdn.com
	wistia.com wistia.net loom.com
	arkoselabs.com funcaptcha.com px-cdn.net perimeterx.net datadome.co captcha-delivery.com siftscience.com sift.com
	userway.org accessibe.com acsbapp.com audioeye.com equalweb.com weglot.com
`
