// Package api is what the running program can be asked over NATS, and how a command asks it: requests and replies in
// JSON, served with the nats.go micro package, so that `nats micro` lists and measures it.
//
//	missedcalls.api.missed.list       ListRequest        ListReply
//	missedcalls.api.missed.resolve    ResolveRequest     ResolveReply
//	missedcalls.api.members.list      MembersRequest     MembersReply
//	missedcalls.api.members.add       AddMemberRequest   ChangeReply
//	missedcalls.api.members.remove    MemberRequest      ChangeReply
//	missedcalls.api.members.pause     MemberRequest      ChangeReply
//	missedcalls.api.members.unpause   MemberRequest      ChangeReply
//	missedcalls.api.members.penalty   PenaltyRequest     ChangeReply
//	missedcalls.api.queues.list       QueuesRequest      QueuesReply
//
// An application of another name has it in its subjects: see bus.Requests.
//
// A reply that is an error has the header Nats-Service-Error-Code, and is an Error in JSON: 400 when the request cannot
// be understood, 404 when there is no such thing, 409 when it is so already or the configuration says otherwise, 503 when
// the program cannot do it now. After 503 nobody knows whether it was done; ask again. Fields may be added to replies.
//
// Requests are served one after the other, of each kind. They take what the driver's loop and the journal take, at most
// handleWithin; some wait, and those beyond get no answer.
package api
