//go:build unix && !linux

package embeddedpostgres

import "syscall"

func withoutParentDeath(attr *syscall.SysProcAttr) *syscall.SysProcAttr { return attr }
