package browser

import "testing"

// TestLogin comes with tokens: one that is none, one that may do everything,
// and one that may only look.
func TestLogin(t *testing.T) {
	t.Parallel()
	s := startTown(t)
	b := open(t, start(t))

	var admin, reader struct{ Token string }
	post(t, b.base+"/v1/tokens", "", map[string]string{"name": "ada", "scope": "admin"}, &admin)
	post(t, b.base+"/v1/tokens", admin.Token, map[string]string{"name": "wall", "scope": "read"}, &reader)

	b.visit("/batches")
	b.must(`location.pathname === '/login' && say('h1') === 'Log in' && !seen('nav').length`)
	b.look("login")
	b.allow(401)
	b.fill("Token", "webmon_of_nobody")
	b.follow(`button('Log in')`)
	b.must(`say('.mistake') !== ''`)
	b.look("failed login")
	b.allow(0)

	b.login(admin.Token)
	b.must(`location.pathname === '/batches' && say('.who .name').startsWith('ada')`)
	b.visit("/")
	b.add("Town library", s.URL+"/library", "1h")
	asset := ask[string](b, `location.pathname`)
	b.becomes(`say('#state .verdict') === 'up'`)
	b.visit("/processes")
	b.must(`button('Take one now')`)
	b.follow(`button('Log out')`)

	b.login(reader.Token)
	for path, sign := range map[string]string{
		"/":          `named('#list a', 'Town library')`,
		asset:        `say('#state .verdict') === 'up'`,
		"/batches":   `seen('#batches a').length === 1`,
		"/incidents": `say('h1') === 'Incidents'`,
		"/processes": `say('h2') === 'Apis' || seen('.members').length > 0`,
	} {
		b.visit(path)
		b.must(sign)
		b.must(`[...document.querySelectorAll('form[method=post], button[formaction]')].every((e) => e.getAttribute('action') === '/logout')`)
	}
	// What is not shown is refused as well.
	b.allow(403)
	for _, path := range []string{"/assets/new", asset + "/edit", asset + "/delete", "/import"} {
		b.visit(path)
		b.must(`say('h1') === 'Forbidden' && !seen('main form').length`)
	}
}

// login logs in with a token.
func (b *tab) login(token string) {
	b.t.Helper()
	b.fill("Token", token)
	b.follow(`button('Log in')`)
	b.must(`button('Log out')`)
}
