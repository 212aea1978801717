package main

import (
	"context"
	"io"
)

func runLoad(ctx context.Context, args []string, out, errs io.Writer) error { return nil }
