// Command fleet-http is a small fleet behind the contract of docs/fleet-api.yaml, to read
// and to copy from. It has only the standard library, and keeps everything in memory: a
// real one puts a database under journal.go, and a plugin manager under fleet.go.
package main

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// object is an answer, or a part of one.
type object map[string]any

// must refuses a request where what it needs is not so, by a panic that serve recovers:
// handlers read as what has to hold, and then what is done.
func must(ok bool, reason, detail string) {
	if !ok {
		panic(refusal(reason, detail))
	}
}

func refusal(reason, detail string) object {
	return object{"title": reason, "status": statuses[reason], "reason": reason, "detail": detail}
}

// statuses are the reasons that this fleet has use for. Clients decide by the reason.
var statuses = map[string]int{
	"invalid-request": 400, "unauthenticated": 401, "not-found": 404, "unknown-plugin": 404, "unknown-rollout": 404,
	"unfinished-rollout": 409, "rollout-taken": 409, "superseded": 409, "order-differs": 409, "targets-missing": 409, "leased": 409, "owner-differs": 409,
	"sequence-conflict": 412, "too-large": 413, "unsupported-media-type": 415, "targets-differ": 422, "refused": 422,
}

// body is that of a request, of one media type, and plain: GET /v1 names no encodings.
func body(r *http.Request, media string, limit int) []byte {
	must(strings.HasPrefix(r.Header.Get("Content-Type"), media) && r.Header.Get("Content-Encoding") == "", "unsupported-media-type", "a plain "+media+" is wanted here")
	data, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	must(err == nil && len(data) <= limit, "too-large", "the body is too large, or broke off")
	return data
}

// read reads a JSON body, of the 8 MiB that are the limit where a fleet names no other.
// Fields that are not known are ignored.
func read[T any](r *http.Request) (to T) {
	data := body(r, "application/json", 8<<20)
	must(strings.HasPrefix(strings.TrimSpace(string(data)), "{") && json.Unmarshal(data, &to) == nil, "invalid-request", "the body is not the JSON object that is wanted here")
	return to
}

// number is a parameter of the query, or what it is without one.
func number(r *http.Request, name string, least, otherwise int) int {
	n, err := strconv.Atoi(cmp.Or(r.URL.Query().Get(name), strconv.Itoa(otherwise)))
	must(err == nil && n >= least, "invalid-request", name+" is not a number that it may be")
	return n
}

// handler answers a request about a world, with a status and an object, or on its own.
type handler func(w *world, rw http.ResponseWriter, r *http.Request) (status int, o object)

// api is the worlds, by environment and plugin, and the token that opens them.
type api struct {
	sync.Mutex
	worlds map[[2]string]*world
	token  [sha256.Size]byte // of "Bearer " and the token: hashes are compared in a time that tells nothing
}

// serve answers one request at a time, so that all that has to be atomic is.
func (a *api) serve(do handler) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		status, o, media := 0, object(nil), "application/json"
		func() {
			defer func() {
				if problem, ok := recover().(object); ok {
					status, o, media = problem["status"].(int), problem, "application/problem+json"
				}
			}()
			given := sha256.Sum256([]byte(r.Header.Get("Authorization")))
			must(subtle.ConstantTimeCompare(given[:], a.token[:]) == 1, "unauthenticated", "there is no bearer token, or it is another one")
			a.Lock()
			defer a.Unlock()
			w := a.worlds[[2]string{r.PathValue("environment"), r.PathValue("plugin")}]
			must(w != nil || r.PathValue("plugin") == "", "unknown-plugin", "there is no such plugin, or no such environment")
			if w != nil {
				w.advance(time.Now())
			}
			status, o = do(w, rw, r)
		}()
		if o != nil {
			o["at"] = time.Now().UTC() // every answer says what time it is here
			rw.Header().Set("Content-Type", media)
			rw.WriteHeader(status)
			_ = json.NewEncoder(rw).Encode(o) // whoever does not read it has gone
		}
	}
}

// routes are the paths of the contract. What is on none of them is not found.
func (a *api) routes() http.Handler {
	const plugin = "/v1/environments/{environment}/plugins/{plugin}"
	const rollout = plugin + "/rollouts/{rollout}"
	mux := http.NewServeMux()
	for pattern, do := range map[string]handler{
		"GET /v1": service, "/": nowhere,
		"GET " + plugin: (*world).describe, "GET " + plugin + "/instances": (*world).listInstances, "GET " + plugin + "/tenants": (*world).listTenants,
		"PUT " + plugin + "/targets/{digest}": (*world).putTargets, "GET " + plugin + "/targets/{digest}": (*world).getTargets,
		"PUT " + rollout + "/orders/{seq}": (*world).putOrder, "POST " + rollout + "/condition": (*world).condition, "POST " + plugin + "/measurements": (*world).measure,
		"GET " + plugin + "/rollouts": (*world).listRollouts, "PUT " + rollout: (*world).begin, "GET " + rollout: (*world).getRollout,
		"GET " + rollout + "/events": (*world).listEvents, "POST " + rollout + "/events": (*world).appendEvent, "PUT " + rollout + "/owner": (*world).putOwner,
		"PUT " + rollout + "/lease": (*world).putLease, "DELETE " + rollout + "/lease": (*world).deleteLease,
	} {
		mux.HandleFunc(pattern, a.serve(do))
	}
	return mux
}

func service(*world, http.ResponseWriter, *http.Request) (int, object) {
	return 200, object{"contract": "1.0", "software": "fleet-http", "sandbox": object{"environment": "QA", "plugin": "sandbox", "versions": []string{"1.0.0", "1.1.0"}, "settle": "PT10S"}}
}

func nowhere(*world, http.ResponseWriter, *http.Request) (int, object) {
	panic(refusal("not-found", "there is nothing here"))
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8088", "address to answer on")
	takes := flag.Duration("takes", 2*time.Second, "how long a change of an instance takes")
	bad := flag.String("bad", "", "a version that fails three requests in ten")
	flag.Parse()
	token := os.Getenv("FLEET_TOKEN")
	if data, err := os.ReadFile(os.Getenv("FLEET_TOKEN_FILE")); err == nil {
		token = strings.TrimSpace(string(data))
	}
	if token == "" {
		log.Fatal("there is no token: set FLEET_TOKEN, or FLEET_TOKEN_FILE")
	}
	a := &api{worlds: map[[2]string]*world{}, token: sha256.Sum256([]byte("Bearer " + token))}
	for _, at := range [][2]string{{"QA", "sandbox"}, {"Production", "checkout"}} {
		a.worlds[at] = newWorld(at[0], at[1], time.Now(), *takes, *bad)
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("answering on http://%s", l.Addr())
	log.Fatal((&http.Server{Handler: a.routes(), ReadHeaderTimeout: 10 * time.Second}).Serve(l))
}
