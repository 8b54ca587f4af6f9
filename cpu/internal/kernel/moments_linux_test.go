package kernel

func init() {
	for _, atEnd := range []bool{false, true} {
		memories = append(memories, func() memory { return pages{atEnd} })
	}
}
