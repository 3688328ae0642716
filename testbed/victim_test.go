package testbed

import (
	"context"
	"fmt"
	"os"
	"strconv"
)

// victimVariable names the folder of an instance for victim.
const victimVariable = "TESTBED_VICTIM"

// victim starts an instance and an agent's phone, prints their process ids in one line, and waits to be killed.
func victim(folder string) int {
	root, err := Find(context.Background())
	if err != nil {
		fmt.Println(err)
		return 1
	}
	a, err := Launch(context.Background(), root, folder)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	phone, err := a.startAgent("101", NeverAnswers())
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(a.PID(), a.proc.sandbox.Process.Pid, phone.sipp.cmd.Process.Pid)
	// Nobody writes: this returns when the parent is gone, at the latest.
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// exists tells whether a process is there, waited for or not.
func exists(pid int) bool {
	_, err := os.Stat("/proc/" + strconv.Itoa(pid))
	return err == nil
}
