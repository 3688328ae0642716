package bus

// requests begins the subjects on which programs answer what they are asked.
const requests = "missedcalls.api"

// Requests begins the subjects on which the program of an application answers what it is asked: missedcalls.api for the
// application missedcalls, and missedcalls.api.NAME for another one, because several may share a cluster.
func Requests(application string) string {
	if application == "" || application == defaultApplication {
		return requests
	}
	return requests + "." + Token(application)
}
