//go:build wasip1

// Command wasm is the payment plugin as a WebAssembly module, whose functions its host calls
// one at a time:
//
//	configure(length, seed): the behaviours are JSON in the buffer; 0 where they are understood
//	serve(length, amount): the tenant is in the buffer; how long the answer is there
//	buffer(length): where the buffer is, of so many bytes or more
//
// An answer is a byte of flags (1: an error, 2: converted), eight bytes, little endian, with
// the nanoseconds that the host is to wait before it answers, and a text.
package main

import (
	"encoding/binary"
	"encoding/json"
	"unsafe"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugins/payment"
)

var (
	shared = make([]byte, 4096)
	work   = payment.New(0)
	ready  bool
)

//go:wasmexport buffer
func buffer(length int32) int32 {
	if int(length) > len(shared) {
		shared = make([]byte, length)
	}
	return int32(uintptr(unsafe.Pointer(&shared[0])))
}

//go:wasmexport configure
func configure(length int32, seed int64) int32 {
	var b plugin.Behaviours
	if err := json.Unmarshal(shared[:length], &b); err != nil {
		return 1
	}
	if !ready {
		work, ready = payment.New(uint64(seed)), true
	}
	work.Configure(b)
	return 0
}

//go:wasmexport serve
func serve(length int32, amount int64) int32 {
	response, wait, err := work.Serve(plugin.Request{Tenant: string(shared[:length]), Amount: amount})
	flags, text := byte(0), response.Text
	if err != nil {
		flags, text = 1, err.Error()
	} else if response.Converted {
		flags = 2
	}
	answer := binary.LittleEndian.AppendUint64(append(shared[:0], flags), uint64(wait))
	answer = append(answer, text...)
	shared = answer[:cap(answer)]
	return int32(len(answer))
}

func main() {}
