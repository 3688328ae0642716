// Package app wires one process: the parts of package app and the machine of queueflow, started in order, stopped in
// the reverse one. A test can start everything that the command does.
package app
