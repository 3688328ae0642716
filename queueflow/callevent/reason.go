package callevent

// Reason says why a caller left without a person, or was moved. It is not the cause of a hang-up.
type Reason string

// The reasons.
const (
	// ReasonAbandoned: hung up while waiting.
	ReasonAbandoned Reason = "abandoned"
	// ReasonMaxWait: the queue's limit of the wait ran out.
	ReasonMaxWait Reason = "max_wait"
	// ReasonNoAgents: refused, or sent away, because the queue is empty of agents.
	ReasonNoAgents Reason = "no_agents"
	// ReasonQueueFull: refused because max_callers were waiting.
	ReasonQueueFull Reason = "queue_full"
	// ReasonClosed: refused, or sent away, outside the queue's hours.
	ReasonClosed Reason = "closed"
	// ReasonExitKey: left by a key of the queue's key map.
	ReasonExitKey Reason = "exit_key"
	// ReasonUnknownDID: no queue stands for the dialled number.
	ReasonUnknownDID Reason = "unknown_did"
	// ReasonDeclined: the application could not take the call, and gave it back to the dialplan.
	ReasonDeclined Reason = "declined"
	// ReasonTaken: somebody else took the waiting call: a redirect, a bridge, a pickup.
	ReasonTaken Reason = "taken"
	// ReasonCallbackAbandoned: hung up in the callback menu without a registered ticket.
	ReasonCallbackAbandoned Reason = "callback_abandoned"
	// ReasonLost: gone while the application or Asterisk was away.
	ReasonLost Reason = "lost"
	// ReasonError: the application could not go on with the call.
	ReasonError Reason = "error"
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{
		ReasonAbandoned, ReasonMaxWait, ReasonNoAgents, ReasonQueueFull, ReasonClosed, ReasonExitKey, ReasonUnknownDID,
		ReasonDeclined, ReasonTaken, ReasonCallbackAbandoned, ReasonLost, ReasonError,
	}
}
