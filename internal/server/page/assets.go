package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

//go:embed assets
var embedded embed.FS

// types are those of the files, by what their names end in.
var types = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8"}

// file is one that is served.
type file struct {
	name, tag string
	body      []byte
	cache     string
}

// files are what the page is made of. Their addresses have the digest of all of them in it, so
// that a browser keeps them for as long as they are these, and asks for none of them again.
type files struct {
	digest string
	named  map[string]file
}

// How long browsers keep files whose address says what is in them, and all others.
const (
	forever = "public, max-age=31536000, immutable"
	askAll  = "no-cache"
)

// read reads what is embedded.
func read() *files {
	all, sum := &files{named: map[string]file{}}, sha256.New()
	found, err := fs.ReadDir(embedded, "assets")
	if err != nil {
		panic("page: " + err.Error()) // it is embedded
	}
	for _, e := range found {
		body, err := embedded.ReadFile("assets/" + e.Name())
		if err != nil {
			panic("page: " + err.Error()) // it is embedded
		}
		f := fileOf(e.Name(), body, forever)
		all.named[f.name] = f
		_, _ = sum.Write([]byte(f.name + " " + f.tag + "\n")) // a hash takes everything
	}
	all.digest = hex.EncodeToString(sum.Sum(nil))[:16]
	return all
}

func fileOf(name string, body []byte, cache string) file {
	own := sha256.Sum256(body)
	return file{name: name, body: body, tag: `W/"` + hex.EncodeToString(own[:8]) + `"`, cache: cache}
}

// send sends a file. One that is asked for by the digest of another program, which is being
// replaced by this one or the other way round, is not to be kept.
func (all *files) send(w http.ResponseWriter, r *http.Request) error {
	f, there := all.named[r.PathValue("file")]
	if !there || f.name == indexName {
		return missing(w, r)
	}
	if r.PathValue("digest") != all.digest {
		f.cache = askAll
	}
	f.send(w, r)
	return nil
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", types[path.Ext(f.name)])
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", f.tag)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.body))
}

// indexName is the file that the page itself is made of.
const indexName = "index.html"

// index is the page itself. It names all that it needs, so that nothing is found out late.
func (all *files) index(issuers []string) *file {
	var scripts, styles []string
	for name := range all.named {
		switch at := "/assets/" + all.digest + "/" + name; path.Ext(name) {
		case ".js":
			scripts = append(scripts, at)
		case ".css":
			styles = append(styles, at)
		}
	}
	slices.Sort(scripts)
	slices.Sort(styles)
	var b bytes.Buffer
	text := template.Must(template.New(indexName).Parse(string(all.named[indexName].body)))
	err := text.Execute(&b, struct {
		At, Issuers     string
		Scripts, Styles []string
	}{"/assets/" + all.digest, listed(issuers), slices.DeleteFunc(scripts, func(s string) bool { return strings.HasSuffix(s, "/theme.js") }), styles})
	if err != nil {
		panic("page: " + err.Error()) // the template and what it is told are the same each time
	}
	f := fileOf(indexName, b.Bytes(), askAll)
	return &f
}
