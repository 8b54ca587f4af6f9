package report

// A Bound is the least that an epoch of a contender takes by one resource, as it was measured here.
type Bound struct {
	// Resource is "dispatches", "waits", "arithmetic", or where the data lie: "L1 cache", "L2
	// cache", "L3 cache", "memory", "device cache", "device memory".
	Resource string  `json:"resource"`
	NS       float64 `json:"ns"`
	Share    float64 `json:"share"` // of the epoch; over 1 the ceiling was measured too low
}
