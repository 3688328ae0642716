package ari

import (
	"context"
	"net/url"
	"strings"
)

// DeviceState is how a device stands, as Asterisk describes it.
type DeviceState struct {
	Name string `json:"name"` // PJSIP/101
	// State is UNKNOWN, NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE, RINGING, RINGINUSE or ONHOLD.
	State string `json:"state"`
}

// DeviceState asks how a device stands. One that Asterisk has never heard of is INVALID or UNKNOWN, which is no error.
func (c *Client) DeviceState(ctx context.Context, device string) (DeviceState, error) {
	var state DeviceState
	err := c.send(ctx, request{op: opDeviceState, ids: []string{device}, into: &state})
	return state, err
}

// deviceSource is what the name of a device follows in the name of a source of events.
const deviceSource = "deviceState:"

// Bounds of one request about sources: Asterisk takes 127 values (MAX_VALS of its generated code), and they are in the URL.
const (
	mostSources    = 127
	longestSources = 3500
)

// SubscribeDevices asks for DeviceStateChanged of each device, from now on, as long as this Asterisk runs: also when the
// connection ends and the application with it. A device that is subscribed to already is as good. What the devices are now
// is not told. An error leaves some of them subscribed.
func (c *Client) SubscribeDevices(ctx context.Context, devices []string) error {
	return c.deviceSources(ctx, opSubscribe, devices)
}

// UnsubscribeDevices ends that. A device that is not subscribed to is NotSubscribed, and those after it may be left.
func (c *Client) UnsubscribeDevices(ctx context.Context, devices []string) error {
	return c.deviceSources(ctx, opUnsubscribe, devices)
}

// deviceSources sends as few requests as the bounds allow. A device without a name would stand for all devices of Asterisk,
// and a comma parts two.
func (c *Client) deviceSources(ctx context.Context, op operation, devices []string) error {
	for _, device := range devices {
		if !single(device) {
			r := request{op: op, ids: []string{c.settings.Application}, target: device}
			return r.failed(Invalid, "not the name of one device", nil)
		}
	}
	for len(devices) > 0 {
		count, list := batchOf(devices)
		r := request{op: op, ids: []string{c.settings.Application}, target: devices[0], query: url.Values{"eventSource": {list}}}
		if err := c.send(ctx, r); err != nil {
			return err
		}
		devices = devices[count:]
	}
	return nil
}

// batchOf gives how many devices, one at least, go into one request, and their list.
func batchOf(devices []string) (count int, list string) {
	var sources strings.Builder
	length := 0
	for _, device := range devices[:min(len(devices), mostSources)] {
		source := deviceSource + device
		length += len(url.QueryEscape("," + source))
		if count > 0 {
			if length > longestSources {
				break
			}
			sources.WriteByte(',')
		}
		sources.WriteString(source)
		count++
	}
	return count, sources.String()
}
