package machine

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	nvidiaTimeout = 5 * time.Second
	nvidiaGood    = 0.90 // share of the highest clock
)

// Why NVIDIA's driver keeps a clock below the highest: bits of nvmlClocksEventReason… in nvml.h.
const (
	powerCap     = 0x04
	hwSlowdown   = 0x08
	swThermal    = 0x20
	hwThermal    = 0x40
	hwPowerBrake = 0x80
)

// reasonFields are nvidia-smi's names of the field with those bits, in newer and in older versions.
var reasonFields = []string{"clocks_event_reasons.active", "clocks_throttle_reasons.active"}

// readNVIDIA asks nvidia-smi, if it is installed. It returns in time even if nvidia-smi cannot be
// killed, as when the driver hangs.
func readNVIDIA(ctx context.Context) []Assessment {
	program, err := exec.LookPath("nvidia-smi")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, nvidiaTimeout)
	defer cancel()
	answer := make(chan string, 1)
	go func() {
		defer close(answer)
		for _, reasons := range reasonFields {
			cmd := exec.CommandContext(ctx, program, "--query-gpu=clocks.sm,clocks.max.sm,"+reasons+",temperature.gpu", "--format=csv,noheader,nounits")
			cmd.WaitDelay = time.Second
			if out, err := cmd.Output(); err == nil {
				answer <- string(out)
				return
			}
		}
	}()
	select {
	case s := <-answer:
		return nvidia(s)
	case <-ctx.Done():
		return nil
	}
}

// nvidia reads the answer of nvidia-smi: a line a GPU with clock and highest clock in MHz, reasons,
// and temperature in °C, as "1980, 1980, 0x0000000000000000, 41". A value that the driver does not
// know is in brackets.
func nvidia(answer string) []Assessment {
	var out []Assessment
	gpu := 0
	for line := range strings.Lines(answer) {
		fields := strings.Split(line, ",")
		if len(fields) != 4 {
			continue
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		out = append(out, nvidiaLine(gpu, fields[0], fields[1], fields[2], fields[3])...)
		gpu++
	}
	return out
}

func nvidiaLine(gpu int, clock, highest, active, temperature string) []Assessment {
	now, err := strconv.ParseUint(clock, 10, 32)
	top, err2 := strconv.ParseUint(highest, 10, 32)
	if err != nil || err2 != nil || top == 0 {
		return nil
	}
	value, what := fmt.Sprintf("%d of at most %d MHz", now, top), fmt.Sprintf("GPU %d", gpu)
	if t, err := strconv.ParseInt(temperature, 10, 32); err == nil {
		value += fmt.Sprintf(", %d °C", t)
	}
	reasons, _ := strconv.ParseUint(active, 0, 64)
	switch {
	case reasons&(swThermal|hwThermal|hwSlowdown|hwPowerBrake) != 0:
		return assessed(what, value+", slowed down by heat or its power supply", Poor, "let the GPU cool down, and look after its fans and power supply: 'nvidia-smi -q -d PERFORMANCE' names the reason")
	case reasons&powerCap != 0:
		return assessed(what, value+", at its power limit", Fair, fmt.Sprintf("lock a clock that it can keep: 'sudo nvidia-smi -i %d -lgc MHZ', and back with -rgc", gpu))
	case float64(now) < nvidiaGood*float64(top):
		return assessed(what, value, Fair, fmt.Sprintf("lock its clock: 'sudo nvidia-smi -i %d -lgc %d', and back with -rgc", gpu, top))
	}
	return assessed(what, value, Good, "")
}
