package machine

import (
	"io/fs"
	"slices"
	"strings"
)

// virtualVendors are words in the names that firmware gives to machines that are none.
var virtualVendors = []string{"QEMU", "KVM", "VMware", "VirtualBox", "innotek", "Xen", "HVM domU", "Bochs", "Parallels", "OpenStack", "Virtual Machine"}

// readHypervisor tells a guest by the processor's flag, and where there are no such flags by the name of the machine.
func readHypervisor(fsys fs.FS) string {
	machine := oneLine(text(fsys, "sys/class/dmi/id/sys_vendor") + " " + text(fsys, "sys/class/dmi/id/product_name"))
	const first = 8 << 10 // bytes that hold the first processor's lines
	for line := range strings.Lines(head(fsys, "proc/cpuinfo", first)) {
		if name, flags, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "flags" {
			if !slices.Contains(strings.Fields(flags), "hypervisor") {
				return ""
			}
			if machine == "" {
				return "a hypervisor"
			}
			return machine
		}
	}
	for _, word := range virtualVendors {
		if strings.Contains(machine, word) {
			return machine
		}
	}
	return ""
}

// guest is Fair, as there is no telling what the host does besides.
func guest(i interval) []Assessment {
	if i.after.hypervisor == "" {
		return nil
	}
	return assessed("virtual machine", i.after.hypervisor+": neighbours are not seen", Fair,
		"measure on a machine without a hypervisor, or again at another time of day")
}
