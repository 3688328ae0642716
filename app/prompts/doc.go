// Package prompts is the spoken prompts that come with the program, and how Asterisk gets them: over HTTP, from the
// program itself, so that nothing has to be copied to the machine of Asterisk.
//
// The prompts are embedded: sounds/<language>/<name>.wav, made of texts.txt by `make prompts`. A folder of the operator's
// replaces them one by one, by name, and may add languages and names. It is read at start, on Reload, and by Watch
// every few seconds. A file that Asterisk would not play, or that is not whole yet, is told about and not served; the
// embedded prompt of that name is.
//
// # What Asterisk does with a URL (22.10.1, res_http_media_cache and format_wav)
//
// It fetches the URL when it is played, follows redirections, keeps the file below astcachedir under the URL, and
// remembers it over restarts. While max-age lasts it does not ask again. After that, and always with no-cache or
// must-revalidate, it sends a HEAD with the ETag at every playing, and no channel gets anything out of its cache until
// that is answered. So a URL here holds the hash of what it stands for and never goes stale: a replaced prompt has
// another URL.
//
// It plays WAV of 8000 Hz, mono, 16-bit PCM and nothing else; not 16000 Hz under that name, not the extensible header.
package prompts
