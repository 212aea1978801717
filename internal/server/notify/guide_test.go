package notify

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// verifying is what is run behind the guide's example: it verifies a message, and not another one.
const verifying = `
import sys
secret, stamp, signature, body = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4].encode()
headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": "v1,AAAA " + signature}
verify(secret, headers, body)
for wrong in (dict(headers, **{"webhook-id": "msg_2"}), dict(headers, **{"webhook-timestamp": "1"})):
    try:
        verify(secret, wrong, body)
    except ValueError:
        continue
    raise SystemExit("taken: %s" % wrong)
`

// TestReceiverOfTheGuide has the receiver of the guide "Operate a rollout server" verify what a
// webhook is signed with.
func TestReceiverOfTheGuide(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	guide, err := os.ReadFile("../../../templates/guides/operate-the-server.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(guide)
	if example == nil {
		t.Fatal("the guide has no receiver")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(newSecret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	body, stamp := `{"type":"rollout.held"}`, strconv.FormatInt(new(walker.Time).Now().Unix(), 10)
	cmd := exec.CommandContext(t.Context(), python, "-", newSecret, stamp, signature(key, "msg_1", stamp, []byte(body)), body)
	cmd.Stdin = bytes.NewReader(append(example[1], verifying...))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
