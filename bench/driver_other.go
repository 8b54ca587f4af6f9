//go:build !unix

package bench

import "time"

func driverTime() time.Duration { return 0 }
