package scenario

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestHostile gives Parse what would keep a reader of YAML busy for hours, or end
// it. Each is refused at once, with its place, and shown nowhere.
func TestHostile(t *testing.T) {
	const n = 100_000
	many := func(s string) string { return strings.Repeat(s, n/len(s)) }
	keys := func() string {
		var b strings.Builder
		for i := range n / 8 {
			b.WriteString("k" + strconv.Itoa(i) + ": 1\n")
		}
		return b.String()
	}()
	for _, c := range []struct{ name, text, want string }{
		{"brackets and their ends in one line", minimal + "installed: " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n", "f:2:76: is nested too deeply"},
		{"brackets over lines", minimal + "installed: " + many("[\n "), "is nested too deeply"},
		{"braces", minimal + "versions: " + many("{a: "), "f:2:267: is nested too deeply"},
		{"JSON", `{"deployment": ` + many(`{"a": [`), "f:1:"},
		{"lists in lists", minimal + "faults: " + many("- "), "f:2:129: is nested too deeply"},
		{"keys of keys", minimal + "faults:\n  " + many("? "), "f:3:129: is nested too deeply"},
		{"values of values", minimal + "  " + many(": "), "f:2:129: is nested too deeply"},
		{"steps", minimal + func() string {
			var b strings.Builder
			for i := range 400 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}(), "is nested too deeply"},
		{"an anchor", minimal + "versions: &a {}\n", "f:2:11: anchors, aliases and tags"},
		{"laughs", minimal + "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "f:2:4: anchors"},
		{"tags", minimal + "name: " + many("!!str "), "f:2:7: anchors"},
		{"a merge", minimal + "fleet: {<<: {instances: 3}}\n", "f:2:9: anchors"},
		{"keys", minimal + keys, "and a scenario has at most 5000"},
		{"one long text", minimal + "description: " + many("x\n "), "f:2:14: is a text of more than 1000 lines"},
		{"unknown keys", minimal + keys[:strings.LastIndex(keys[:20_000], "\n")+1], "more problems"},
		{"a long word", minimal + "fleet: {instances: " + many("x") + "}\n", `f:2:20: fleet.instances: "xxx`},
		{"a long key", minimal + many("x") + ": 1\n", "is not a key of the scenario"},
		{"a long version", strings.Replace(minimal, "1.6.0", many("1."), 1), "deployment.version"},
		{"UTF-16", "\xff\xfed\x00e\x00", "f:1:1: is UTF-16 or UTF-32: save it as UTF-8"},
		{"UTF-16, the other way round", "\xfe\xff\x00d\x00e", "f:1:1: is UTF-16 or UTF-32"},
		{"UTF-16 without a mark", "d\x00e\x00p\x00", "f:1:1: is UTF-16 or UTF-32"},
		{"UTF-32", "\x00\x00\xfe\xff\x00\x00\x00d", "f:1:1: is UTF-16 or UTF-32"},
		{"no UTF-8", minimal + "name: caf\xe9\n", "f:2:10: has a byte 0xE9 that is not UTF-8"},
		{"a zero", minimal + "name: a\x00b\n", "f:2:8: has a character U+0000"},
		{"an escape", minimal + "name: \x1b[31mred\n", "f:2:7: has a character U+001B"},
		{"an escape that is escaped", minimal + "name: \"\\e[31mred\"\n", `f:2:7: name: "\x1b[31mred" has characters that cannot be seen`},
		{"text that runs backwards", minimal + "name: \"a\u202eb\"\n", `name: "a\u202eb" has characters that cannot be seen`},
		{"two lines in a name", minimal + "name: \"a\\nb\"\n", `f:2:7: name: "a\nb" is not a text of one line`},
		{"a name without end", minimal + "name: " + many("x") + "\n", "is not a text of one line and at most 512 characters"},
		{"an end of line in a name", minimal + "name: \"a\\rb\"\n", "name: "},
		{"a directive", "%TAG ! x\n---\n" + minimal, "f:1:1: is a directive that scenarios do not have"},
		{"a version of YAML", "%YAML 3.0\n---\n" + minimal, "unknown YAML version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse("f", []byte(c.text))
			if err == nil {
				t.Fatal("this was taken")
			}
			text := err.Error()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if !strings.Contains(text, c.want) || len(text) > 6000 || strings.ContainsAny(text, "\x1b\r\u202e\x00") {
				t.Errorf("the error has %d bytes:\n%q\nwant one with\n%s", len(text), text[:min(len(text), 600)], c.want)
			}
		})
	}
}

// TestNothingOfASecretIsShown reads files that are no scenarios: what is in them may
// be nobody's business.
func TestNothingOfASecretIsShown(t *testing.T) {
	for name, text := range map[string]string{
		"a key":            "-----BEGIN PRIVATE KEY-----\nMIIEhunter2hunter2\nhunter2\n-----END PRIVATE KEY-----\n",
		"an environment":   "AWS_SECRET=hunter2\nTOKEN=hunter2\n",
		"a configuration":  "apiVersion: v1\nusers:\n- name: admin\n  user: {token: hunter2}\n",
		"keys as values":   "hunter2: hunter2\n",
		"twice":            "hunter2: 1\nhunter2: 2\n",
		"JSON":             `{"password": "hunter2", "hunter2": ["hunter2"]}`,
		"variables":        "password = \"hunter2\"\nsecret: hunter2: x\n",
		"not even YAML":    "a: [hunter2\n",
		"a name like ours": "- deployment\n- hunter2\n",
		"a list":           "[hunter2, hunter2]",
		"a number":         "31337\n",
		"a web page":       "<html><a href='x?hunter2'>: </a>\n",
		"a name below":     "users:\n  - name: [hunter2]\n    seed: hunter2\n",
		"quotes":           "a: \"hunter2\" hunter2\n",
	} {
		_, err := Parse("f", []byte(text))
		if err == nil {
			t.Errorf("%s was taken", name)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "31337") || !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestForms reads scenarios in forms that are rare and right.
func TestForms(t *testing.T) {
	for name, text := range map[string]string{
		"a directive":       "# About.\n%YAML 1.2\n---\nseed: 3\n" + minimal,
		"a start":           "---\nseed: 3\n" + minimal + "...\n",
		"ends of lines":     strings.ReplaceAll("fleet:\n  instances: 3\nseed: 3\n"+minimal, "\n", "\r\n"),
		"JSON":              `{"seed": 3, "deployment": {"plugin_id": "p", "environment": "Production", "version": "1.6.0"}}`,
		"brackets in texts": "# [[[[\nseed: 3\ndescription: \"" + strings.Repeat("[{", 200) + "\"\n" + minimal,
		"a long comment":    "# " + strings.Repeat("[x ", 10_000) + "\nseed: 3\n" + minimal,
		"many brackets":     "seed: 3\n" + minimal + "tune: {stages: [" + strings.Repeat("[50, 100], ", 500) + "[100]]}\n",
		"a block":           "seed: 3\ndescription: |\n  [ \"\n  {\n" + minimal,
	} {
		s, err := Parse("f", []byte(text))
		if err != nil || s.Seed != 3 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNumbers states what is a number, and what is not.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "1": 1, "+1": 1, "-0": 0, "0.5": 0.5, ".5": 0.5, "+.5": 0.5, "5.": 5, "1e-05": 1e-05, "1E3": 1000, "1e5": 1e5, "1e+2": 100, ".5e1": 5,
		"1_000": 1000, "1_0.5_0": 10.5, "0e0": 0,
	} {
		s, err := Parse("f", []byte(minimal+"traffic: {requests_per_second: "+text+"}\n"))
		if err != nil || s.World.RequestsPerSecond != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		"0x1F", "0o17", "017", "09", "00", "0b11", ".inf", "-.inf", ".nan", "1e400", "1__0", "_1", "1_", "1_.5", "1e", "e5", "1,5", "1 000", "\"1\"", "'1'", ".", "+", "1.2.3",
		"1e5.0", "1d5", "½", "١", "true", "[1]", "{}", "~x", "50%",
	} {
		if _, err := Parse("f", []byte(minimal+"traffic: {requests_per_second: "+text+"}\n")); err == nil {
			t.Errorf("%s was taken for a number", text)
		} else if !strings.Contains(err.Error(), "is not a number") && !strings.HasPrefix(err.Error(), "f:2:") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]int64{"3": 3, "+3": 3, "1_0": 10} {
		s, err := Parse("f", []byte(minimal+"seed: "+text+"\n"))
		if err != nil || s.Seed != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"3.0", "3e0", "1e3", "0x3", "03", "9223372036854775808", "\"3\"", "3.", "++3", "-_3"} {
		if _, err := Parse("f", []byte(minimal+"seed: "+text+"\n")); err == nil || !strings.Contains(err.Error(), "is not a whole number") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestReadsNoMore reads a file that is far too large, and one that never ends.
func TestReadsNoMore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "large.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, 100<<20); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var ps Problems
	if _, err := Read(file); !errors.As(err, &ps) || !strings.Contains(err.Error(), "has 104857600 bytes, and a scenario has at most 262144") {
		t.Errorf("100 MB: %v", err)
	}
	if _, err := ReadFrom("-", forever{}); !errors.As(err, &ps) || !strings.Contains(err.Error(), "at most 262144") {
		t.Errorf("a pipe without end: %v", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %s", took)
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}
