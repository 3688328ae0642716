// Package speech is what a caller is told while he waits, as lists of Asterisk's media: his place in the line, how long
// he will wait, thanks; and what an agent is told: how long the caller has waited, and a few sentences. It knows the
// grammar of numbers, of English and of Russian, and which words Asterisk's core sounds have. It is pure: a list depends
// on the language and the number only.
//
// Everything is a list of sound: files, for Asterisk cannot stop a playback of number: or digits:. A list joined by
// commas stays below LongestList bytes, whatever was asked for.
//
// # What the core sounds say
//
// Comments in app_queue.c call queue-thereare "There are currently". The recording says "You are currently caller
// number", and queue-callswaiting "waiting to speak with a representative". So what app_queue says, queue-thereare N
// queue-callswaiting, is the position of the caller in both languages ("Ваша позиция в очереди N, ожидайте, пожалуйста,
// ответа оператора"), and N stands alone: no noun agrees with it, and in Russian it is masculine. This package says the
// same words.
//
// The other sentences have a noun that must agree. queue-holdtime, "прогнозируемое время ожидания составляет", wants
// the accusative: одну минуту, двадцать одну минуту, две минуты, пять минут. queue-quantity2, "ожидающих ответа
// представителя", is right unless the number ends in один.
//
// Asterisk's say.c asks for Russian files that the core sounds do not have (digits/100 to digits/900, digits/1f,
// digits/2f, digits/thousands-i, digits/thousands), and leaves out what it does not find: app_queue says "двадцать один"
// for 121. For a minute it says "составляет один минута". digits/1n and digits/2n are neuter, одно and два.
// digits/h-thousand says "тысячи", but its name promises "тысячный", which another set of sounds may keep; it is not used.
//
// # Words of our own
//
// A word that the core sounds lack is a prompt of ours, sound:mc/NAME; Missing tells them with their texts, to be made
// in a voice (часа, after a number, is stressed on its end) and installed in the folder of the language. Where they are
// not installed, Stock is the language without them: still correct, less exact, and silent where nothing correct can be
// said.
package speech
