package access

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// browser keeps cookies, and follows no redirect.
type browser struct {
	*rig
	cookies map[string]*http.Cookie
}

func (r *rig) browser() *browser { return &browser{r, map[string]*http.Cookie{}} }

const site = "https://hotswap.example.com"

// ask sends a request of the page's own, unless change makes another one of it.
func (b *browser) ask(method, target, kind, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	req := httptest.NewRequest(method, site+target, strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	b.with(req)
	for _, f := range change {
		f(req)
	}
	w := httptest.NewRecorder()
	b.Login(nil).ServeHTTP(w, req)
	for _, c := range cookiesOf(w) {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w
}

// cookiesOf are those that an answer sets.
func cookiesOf(w *httptest.ResponseRecorder) []*http.Cookie {
	resp := http.Response{Header: w.Header()}
	return resp.Cookies()
}

func (b *browser) with(req *http.Request) {
	for _, c := range b.cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
}

// page is a request of the page with the cookies.
func (b *browser) page(method, from string) *http.Request {
	req := httptest.NewRequest(method, site+"/v1/rollouts", http.NoBody)
	req.Header.Set("Sec-Fetch-Site", from)
	b.with(req)
	return req
}

const asForm, asJSON = "application/x-www-form-urlencoded", "application/json"

// told checks a problem.
func (b *browser) told(w *httptest.ResponseRecorder, status int, detail string) {
	b.t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), detail) || w.Header().Get("Content-Type") != "application/problem+json" {
		b.t.Errorf("%d %s instead of %d %s", w.Code, w.Body, status, detail)
	}
	if _, begun := b.cookies["__Host-"+sessionCookie]; begun {
		b.t.Error("a session has begun")
	}
}
