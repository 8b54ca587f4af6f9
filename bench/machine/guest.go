package machine

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v4/host"
)

// Guest returns the kind of virtual machine or container that this process runs in, as gopsutil
// names it: "kvm", "docker". It returns "" if there is none, or if it is not known.
func Guest() string {
	system, role, err := host.Virtualization()
	if err != nil || role != "guest" {
		return ""
	}
	return system
}

// virtualVendors are words by which firmware names a virtual machine.
var virtualVendors = []string{
	"QEMU", "KVM", "VMware", "VirtualBox", "innotek", "Xen", "HVM domU", "Bochs", "Parallels", "OpenStack", "Virtual Machine",
}

// readHypervisor returns the name of this virtual machine, "" if the machine is not virtual. The
// processor's flag decides. If processors have no flags, as on ARM, the name in the firmware
// decides.
//
// The answer differs from Guest's: it does not count containers, and it is the machine's name and
// not its kind.
func readHypervisor(fsys fs.FS) string {
	machine := oneLine(text(fsys, "sys/class/dmi/id/sys_vendor") + " " + text(fsys, "sys/class/dmi/id/product_name"))
	const first = 8 << 10 // bytes; they hold the lines about the first processor
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

// guest is Fair in a virtual machine, because a guest cannot see what else its host does.
func guest(i interval) []Assessment {
	if i.after.hypervisor == "" {
		return nil
	}
	return assessed("virtual machine", i.after.hypervisor+": neighbours are not seen", Fair,
		"measure on a machine without a hypervisor, or again at another time of day")
}
