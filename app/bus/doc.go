// Package bus is NATS: a server embedded in this process or a cluster elsewhere, the stream CALLS, the streams of the
// notifier, and what is kept in key-value buckets. It is the only package that imports the server.
//
// # What it guarantees
//
// An event whose Publish succeeded is on disk. The embedded server writes through to the disk before it answers
// (SyncAlways; the server's own default syncs every two minutes); a cluster answers as its stream is configured.
//
// Publish keeps the order it was given: it stops at the first message that was not acknowledged, and nothing after that
// one is in the stream.
//
// A job in the work queue JOBS is one Consumer's until it is settled or its process is gone, and then comes to another. It
// may come twice, after a crash or a cut; it is never lost, and a full queue takes no more rather than drop any.
//
// An internal user with a password made at every start carries this process's own connection, so that no setting of the
// listener can lock it out or be used to take its place. Commands of the user who owns the data directory come as an
// operator, whose password is in a file there that only he can read; it lets them write records, ask the program, delete
// dead letters and publish jobs, and nothing else.
//
// # Ways of the server it is built around
//
// The server has no lock on its store directory: a second server opens it as well and both destroy it. Whoever starts
// one holds LockDir first.
//
// A disk that is full breaks it for good. The write that fails is not answered at all, every later one fails with the
// same error although space is free again, and its health still says ok to those who ask for JetStream as a whole. So
// Publish refuses with ErrStorage while less than Settings.MinFree is free, before the server would notice, and a
// keeper looks at the server every second and starts it anew when a stream cannot be written to all the same. The
// connection and everything on it lives through that as through any reconnection.
//
// A consumer counts the time for an acknowledgement from when it hands a message out, not from when somebody begins with
// it. So no more is fetched than is worked at, and the server is told that it is. A fetch that is cut short may still be
// answered, to nobody; so it is waited for, and what it brings is handed back.
//
// Any replica may answer a direct read, also one that has not seen the newest messages yet. Where there are several, JOBS
// and the bucket of deliveries are read from their leader, which takes longer.
//
// One message costs one write and one fsync, however many are in flight: there is no group commit between messages. An
// atomic batch costs four fsyncs and some files, whatever its size. Publish therefore sends few messages one after the
// other and many as a batch. The server refuses a batch in which one message id is known already; then its messages go
// one by one, where a known id is an acknowledgement.
package bus
