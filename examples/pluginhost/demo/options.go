package demo

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// Options say what is put on the machine.
type Options struct {
	Host       string  // the program pluginhost: this one
	Hotswap    string  // the program hotswap
	Catalogue  string  // folder of the versions, see package catalogue
	State      string  // folder for everything that is written; it is emptied at the end
	Port       int     // of the page; 0: any that is free
	Instances  int     // 2..200
	Tenants    int     // 10..1000
	Rate       float64 // requests per second, 10..5000
	Prometheus string  // the program; "": the manager counts
	Script     bool    // play the story without a person, and end
	Keep       bool    // leave the state folder, to look at logs
	Out        io.Writer
}

// Plugin and environment of the demonstration, and the version that it begins with.
const (
	plugin      = "payment"
	environment = "Staging"
	installed   = "1.5.0"
)

// Check says all that is wrong with o.
func (o *Options) Check() error {
	var wrong []error
	within := func(flag string, v, least, most float64) {
		if v < least || v > most {
			wrong = append(wrong, fmt.Errorf("--%s: %g is not in %g..%g", flag, v, least, most))
		}
	}
	within("port", float64(o.Port), 0, 65535)
	within("instances", float64(o.Instances), 2, 200)
	within("tenants", float64(o.Tenants), 10, 1000)
	within("rate", o.Rate, 10, 5000)
	if o.State == "" {
		wrong = append(wrong, errors.New("--state: it is missing: a folder that is not there yet, for everything that is written"))
	}
	if o.Catalogue == "" {
		wrong = append(wrong, errors.New("--catalogue: it is missing: make demo-live builds one, or pluginhost build --out DIR"))
	}
	for flag, program := range map[string]string{"hotswap": o.Hotswap, "prometheus": o.Prometheus} {
		if program == "" && flag == "prometheus" {
			continue
		}
		if _, err := exec.LookPath(program); err != nil {
			wrong = append(wrong, fmt.Errorf("--%s: %w: make demo-live builds what it needs", flag, err))
		}
	}
	return errors.Join(wrong...)
}
