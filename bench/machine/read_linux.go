package machine

import "os"

// Read takes a reading, in less than a millisecond on a few processors and about 5 ms on 256. What cannot be found out
// is left out. It does not ask the GPUs: ReadGPU does.
func Read() Reading { return read(os.DirFS("/")) }
