package notifier

func killedChild() int { return 1 }
