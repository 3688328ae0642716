// Package ari is Asterisk's REST interface (ARI) on the wire: requests, the websocket of events, and errors. It knows
// nothing of queues, and holds the operations and events this program uses, no more.
//
// # What it guarantees
//
// Every event of a type it knows that arrives is delivered, in the order of arrival, from one goroutine; a frame that
// cannot be read is counted and logged. When anything may have been missed the connection ends with a Disconnected
// signal that says since when, and that includes a queue that is full.
//
// Every request has a deadline, and every failure is an *Error whose Kind says what it means for that operation.
// Nothing is repeated unless doing it twice is the same as doing it once, and then once at most.
//
// A client whose application was taken over sends nothing more, from the moment at which the news arrives.
//
// # Ways of Asterisk it is built around
//
// Asterisk replays nothing. When a websocket ends, its channels stay in the application with their music playing, and
// what happens to them meanwhile is told to nobody. Connected and Disconnected therefore carry the moments between
// which something may have been missed, and whoever keeps a picture of Asterisk lists what there is after every
// Connected: Application says which channels are ours, Channels what they are. Sync tells when the events that were
// published before such a list have been delivered.
//
// An open websocket proves nothing. The newest connection has the application; an older one stays open and deaf, and
// in a narrow race so does a newer one. Asterisk answers a user event with success although nobody listens. So the
// client sends itself a user event after connecting and every EchoEvery, and connects anew when it does not come back; later, any event that
// arrives after it was sent is proof as well.
// These events are named ari-echo, are not delivered, and are seen by users of AMI.
//
// Asterisk gives a full socket 100 ms (websocket_write_timeout) and then drops it without a close frame. The goroutine
// that reads does nothing that could wait: it stamps the arrival and appends to a queue in memory. Decoding and
// whatever deliver does run on another.
//
// A filter of events stays with an application or is forgotten, depending on whether the application outlived its
// connection. It is set after every connect, as a list of what not to send, so that a type of event which a later
// version of this package delivers cannot be shut out by an older filter.
//
// Asterisk frees a filter that is replaced while somebody may be reading it, which is what every answer about an
// application does (res/stasis/app.c: stasis_app_event_filter_to_json takes no lock; 13.26, 16.3 and everything since,
// 22.11.0-rc1 included). Where the two meet it ends with a corrupted heap, and all its calls with it. A client sets its filter after
// every connect, which is when its user lists: so these requests go one at a time. Subscribing and unsubscribing are answered with the application too.
//
// A subscription to a device belongs to the name of the application and outlives it; one to a channel counts, so that a
// channel named as originator of another stays subscribed after it has left, and among the channels of the application.
//
// A connection that asks for all events of Asterisk (subscribeAll) can lock Asterisk up when it ends. It is never asked
// for, nor is it an option.
//
// The status codes of one fact differ between operations: a channel that does not exist is 404 to answer and 400 to
// addChannel, and one that is leaving is 400 to a variable and 500 to answer. The tables in operation.go hold the
// meaning of each.
//
// Asterisk's web server closes idle connections after 15 s and those above sessionlimit at once, in both cases without
// an answer. Idle connections are given up after 10 s, their number is bounded, and a request that met such an end is
// repeated if that is harmless.
//
// A request line above 4 kB gets an HTML page and a body above 40 kB a 413. Both are refused here before they are sent.
// Ids are escaped as whole path segments, since Asterisk splits at slashes first.
//
// Success of most commands means that Asterisk has queued them; facts come as events. Answer, SetVariable, AddChannel
// and RemoveChannel wait for the channel's thread, which does nothing else during a playback; they have connections of
// their own, so that they never keep a hang-up or a proof of life waiting.
//
// The linked id of a channel is in no event and no list; it is the variable CHANNEL(linkedid).
//
// Unknown types of events and unknown fields belong to newer versions of Asterisk and are ignored.
package ari
