package bench

import "runtime/debug"

// ModuleVersion returns the version of a module that this program was built with, as v0.16.0. It
// returns "" if the build does not tell.
func ModuleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return ""
}
