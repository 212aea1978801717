// Package postgresql is the extension of the guide "Roll out PostgreSQL extensions": 1.6.0 is as
// good as 1.5.0, 1.7.0 raises an error in three of ten calls, and no script leads back from 1.8.0.
package postgresql

import "embed"

// Extension has its files, below extension/.
//
//go:embed extension
var Extension embed.FS
