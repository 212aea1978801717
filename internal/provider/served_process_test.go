//go:build unix

package provider

import (
	"syscall"
	"time"
)

// kill kills terraform and its provider, and waits until they are gone.
func (b *background) kill() {
	b.tf.t.Helper()
	b.signal(syscall.SIGKILL)
	b.wait(10 * time.Second)
}
