// Command fleet-http is a small fleet behind the contract of docs/fleet-api.yaml, to read
// and to copy from. It has only the standard library, and keeps everything in memory: a
// real one puts a disk under journal.go, a plugin manager under fleet.go, and the counters
// that it has under traffic.go.
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
	"time"
)

// object is an answer, or a part of one.
type object map[string]any

// problem is an answer that is no success. Clients decide by its reason.
type problem struct {
	reason, detail string
	more           object
}

// must refuses a request, by a panic that answer recovers, where what it needs is not so:
// handlers read as what has to hold, and then what is done.
func must(ok bool, reason, detail string) {
	if !ok {
		panic(&problem{reason, detail, nil})
	}
}

// statuses are the reasons that this fleet has use for. The list of the contract is closed.
var statuses = map[string]int{
	"invalid-request": 400, "unauthenticated": 401, "not-found": 404, "unknown-plugin": 404, "unknown-rollout": 404,
	"unfinished-rollout": 409, "rollout-taken": 409, "superseded": 409, "order-differs": 409, "targets-missing": 409, "leased": 409, "owner-differs": 409,
	"sequence-conflict": 412, "too-large": 413, "unsupported-media-type": 415, "targets-differ": 422, "refused": 422,
}

// answer answers a request with what do gives: a status and an object, or a problem, or
// nothing where it has answered itself. Every answer says what time it is here.
func answer(rw http.ResponseWriter, do func() (int, object)) {
	media := "application/json"
	status, o := func() (status int, o object) {
		defer func() {
			if p, ok := recover().(*problem); ok {
				media, status = "application/problem+json", statuses[p.reason]
				o = object{"title": strings.ReplaceAll(p.reason, "-", " "), "status": status, "reason": p.reason, "detail": p.detail}
				for name, value := range p.more {
					o[name] = value
				}
			}
		}()
		return do()
	}()
	if o == nil {
		return
	}
	o["at"] = time.Now().UTC()
	rw.Header().Set("Content-Type", media)
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(o) // whoever does not read it has gone
}

// body is that of a request, of one media type, and plain: GET /v1 names no encodings.
func body(r *http.Request, media string, limit int64) []byte {
	got, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	must(got == media && r.Header.Get("Content-Encoding") == "", "unsupported-media-type", "a plain "+media+" is wanted here")
	data, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	must(err == nil, "invalid-request", "the body cannot be read")
	must(int64(len(data)) <= limit, "too-large", "the body has more than "+strconv.FormatInt(limit, 10)+" bytes")
	return data
}

// read reads a body in JSON, of the 8 MiB that are the contract's limit where a fleet names
// no other. Fields that are not known are ignored.
func read[T any](r *http.Request) (to T) {
	data := body(r, "application/json", 8<<20)
	must(strings.HasPrefix(strings.TrimSpace(string(data)), "{") && json.Unmarshal(data, &to) == nil, "invalid-request", "the body is not the JSON object that is wanted here")
	return to
}

// number is a parameter of the query, or else what it is without one.
func number(r *http.Request, name string, least, otherwise int64) int64 {
	n, err := strconv.ParseInt(cmp.Or(r.URL.Query().Get(name), strconv.FormatInt(otherwise, 10)), 10, 64)
	must(err == nil && n >= least, "invalid-request", name+" is not a number that it may be")
	return n
}

// routes are the paths of the contract, for worlds by environment and plugin.
func routes(worlds map[[2]string]*world, token string) http.Handler {
	const plugin = "/v1/environments/{environment}/plugins/{plugin}"
	const rollout = plugin + "/rollouts/{rollout}"
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(w *world, rw http.ResponseWriter, r *http.Request) (int, object){
		"GET " + plugin: (*world).describe, "GET " + plugin + "/instances": (*world).listInstances, "GET " + plugin + "/tenants": (*world).listTenants,
		"PUT " + plugin + "/targets/{digest}": (*world).putTargets, "GET " + plugin + "/targets/{digest}": (*world).getTargets, "POST " + plugin + "/measurements": (*world).measure,
		"GET " + plugin + "/rollouts": (*world).listRollouts, "PUT " + rollout: (*world).begin, "GET " + rollout: (*world).getRollout,
		"GET " + rollout + "/events": (*world).listEvents, "POST " + rollout + "/events": (*world).appendEvent, "PUT " + rollout + "/owner": (*world).putOwner,
		"PUT " + rollout + "/lease": (*world).putLease, "DELETE " + rollout + "/lease": (*world).deleteLease,
		"PUT " + rollout + "/orders/{seq}": (*world).putOrder, "POST " + rollout + "/condition": (*world).condition,
	} {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			answer(rw, func() (int, object) {
				w := worlds[[2]string{r.PathValue("environment"), r.PathValue("plugin")}]
				must(w != nil, "unknown-plugin", "there is no such plugin, or no such environment")
				w.Lock() // one request at a time: what has to be atomic is
				defer w.Unlock()
				w.advance(time.Now())
				return do(w, rw, r)
			})
		})
	}
	mux.HandleFunc("GET /v1", func(rw http.ResponseWriter, _ *http.Request) {
		answer(rw, func() (int, object) {
			return 200, object{"contract": "1.0", "software": "fleet-http", "sandbox": object{
				"environment": "QA", "plugin": "sandbox", "versions": []string{"1.0.0", "1.1.0"}, "settle": "PT10S",
			}}
		})
	})
	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) {
		answer(rw, func() (int, object) { panic(&problem{"not-found", r.Method + " " + r.URL.Path + " is nothing here", nil}) })
	})
	wanted := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		// Hashes are of one length, so that the time of comparing says nothing of the token.
		if given := sha256.Sum256([]byte(r.Header.Get("Authorization"))); subtle.ConstantTimeCompare(given[:], wanted[:]) != 1 {
			answer(rw, func() (int, object) { panic(&problem{"unauthenticated", "there is no bearer token, or it is another one", nil}) })
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8088", "address to answer on")
	takes := flag.Duration("takes", 2*time.Second, "how long a change of an instance takes")
	bad := flag.String("bad", "", "a version that fails one request in five")
	file := flag.String("token-file", "", "file with the bearer token (default: the variable FLEET_TOKEN)")
	flag.Parse()
	token := os.Getenv("FLEET_TOKEN")
	if data, err := os.ReadFile(*file); err == nil {
		token = strings.TrimSpace(string(data))
	}
	if token == "" {
		log.Fatal("there is no token: set FLEET_TOKEN, or give a file with -token-file")
	}
	worlds := map[[2]string]*world{}
	for _, at := range [][2]string{{"QA", "sandbox"}, {"Production", "checkout"}} {
		worlds[at] = newWorld(at[0], at[1], *takes, *bad)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: routes(worlds, token), ReadHeaderTimeout: 10 * time.Second}
	log.Printf("answering on http://%s", listener.Addr())
	log.Fatal(server.Serve(listener))
}
