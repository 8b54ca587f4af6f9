package bench

// A Status says what became of a contender.
type Status string

// The statuses of a contender.
const (
	OK          Status = "ok"
	Unavailable Status = "unavailable" // it cannot run on this machine: not an error
	Wrong       Status = "wrong"       // an answer was out of tolerance
	Failed      Status = "failed"      // the worker died, hung, or broke the protocol
	Untrusted   Status = "untrusted"   // the clocks contradict each other
)
