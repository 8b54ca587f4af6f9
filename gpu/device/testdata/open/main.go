// Command open opens an OpenGL context as its arguments say and prints, as one
// JSON object, the device or the error. It is the program that tests start where
// libraries are missing.
//
//	open [-software] [PROVIDER]
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"

	"descent/gpu/device"
)

func main() {
	software := flag.Bool("software", false, "allow a software renderer")
	flag.Parse()
	var answer struct {
		Device *device.Info
		Error  *device.Error
	}
	context, err := device.Open(device.Options{Provider: flag.Arg(0), AllowSoftware: *software})
	if err == nil {
		info := context.Device()
		answer.Device = &info
		err = context.Close()
	}
	if e, ok := errors.AsType[*device.Error](err); ok {
		answer.Error = e
	}
	if json.NewEncoder(os.Stdout).Encode(answer) != nil {
		os.Exit(1)
	}
}
