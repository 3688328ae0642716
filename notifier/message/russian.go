package message

import (
	"strconv"

	"missedcalls/queueflow/callevent"
)

// russian says durations in the accusative, as after через, за and ждал. Where the gender of a person would matter, it
// finds other words.
var russian = language{
	name:   "ru",
	plural: russianPlural,
	months: [12]string{
		"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря",
	},
	second: forms{"секунду", "секунды", "секунд"},
	minute: forms{"минуту", "минуты", "минут"},
	hour:   forms{"час", "часа", "часов"},
	day:    forms{"день", "дня", "дней"},
	ordinals: [10]string{
		"первый", "второй", "третий", "четвёртый", "пятый", "шестой", "седьмой", "восьмой", "девятый", "десятый",
	},
	ordinal: func(n int) string { return strconv.Itoa(n) + "-й" },

	titles: map[callevent.Kind]string{
		callevent.KindEntered:           "Новый звонок",
		callevent.KindOffered:           "Вызов оператора",
		callevent.KindAnnounced:         "Объявление звонящему",
		callevent.KindAnswered:          "На звонок ответили",
		callevent.KindMoved:             "Звонок перешёл в другую очередь",
		callevent.KindCompleted:         "Разговор окончен",
		callevent.KindMissed:            "Пропущенный звонок",
		callevent.KindCallbackRequested: "Просят перезвонить",
		callevent.KindCallbackScheduled: "Назначен обратный звонок",
		callevent.KindCallbackAttempted: "Попытка перезвонить",
		callevent.KindCallbackCompleted: "Перезвонили",
		callevent.KindCallbackFailed:    "Перезвонить не удалось",
		callevent.KindCallbackExpired:   "Перезвонить не успели",
		callevent.KindCallbackCancelled: "Обратный звонок отменён",
		callevent.KindResolved:          "Пропущенный звонок закрыт",
		callevent.KindMemberAdded:       "Оператор добавлен в очередь",
		callevent.KindMemberRemoved:     "Оператор убран из очереди",
		callevent.KindMemberPaused:      "Оператор на паузе",
		callevent.KindMemberUnpaused:    "Оператор снова принимает звонки",
	},
	taken: "Звонок забрал кто-то другой",
	reasons: map[callevent.Reason]string{
		callevent.ReasonAbandoned:         "звонивший повесил трубку, не дождавшись ответа",
		callevent.ReasonMaxWait:           "вышло предельное время ожидания в очереди",
		callevent.ReasonNoAgents:          "звонок снят: в очереди не осталось операторов",
		callevent.ReasonQueueFull:         "звонок снят: очередь заполнена",
		callevent.ReasonClosed:            "звонок снят: рабочее время закончилось",
		callevent.ReasonExitKey:           "звонивший ушёл из очереди, нажав клавишу",
		callevent.ReasonUnknownDID:        "для набранного номера нет очереди",
		callevent.ReasonDeclined:          "очередь вернула звонок в диалплан, где его могли обслужить",
		callevent.ReasonTaken:             "ожидавший звонок забрал кто-то другой: перехват, перевод или соединение",
		callevent.ReasonCallbackAbandoned: "звонивший повесил трубку в меню обратного звонка, звонок не заказан",
		callevent.ReasonLost:              "звонок потерян: программа или Asterisk не работали",
		callevent.ReasonError:             "сбой: очередь не смогла вести звонок дальше",
	},
	atDoor: map[callevent.Reason]string{
		callevent.ReasonNoAgents:  "звонок не принят: в очереди нет операторов",
		callevent.ReasonQueueFull: "звонок не принят: очередь заполнена",
		callevent.ReasonClosed:    "звонок не принят: нерабочее время",
	},
	rung: map[string]string{
		"answered":      "{who}: есть ответ",
		"no_answer":     "{who}: нет ответа{for}",
		"busy":          "{who}: занято",
		"rejected":      "{who}: вызов отклонён",
		"unavailable":   "{who}: нет связи",
		"cancelled":     "{who}: вызов{for}, затем отменён",
		"forwarded":     "{who}: включена переадресация, по ней не звоним",
		"dropped":       "{who}: есть ответ, и сразу отбой",
		"not_confirmed": "{who}: есть ответ, но без подтверждения",
		"lost_race":     "{who}: ответ пришёл слишком поздно",
		"":              "{who}: {outcome}",
	},
	outcomes: map[string]string{
		"answered":          "ответили",
		"reached":           "дозвонились",
		"completed":         "дозвонились",
		"no_answer":         "нет ответа",
		"busy":              "занято",
		"rejected":          "вызов отклонён",
		"congestion":        "нет свободной линии",
		"unavailable":       "нет связи",
		"invalid":           "такого номера нет",
		"machine":           "автоответчик",
		"hung_up":           "клиент повесил трубку",
		"customer_hung_up":  "клиент повесил трубку",
		"not_confirmed":     "нет подтверждения",
		"agent_unconfirmed": "оператор не подтвердил",
		"cancelled":         "отменено",
		"dropped":           "оператор повесил трубку",
	},
	endedBy: map[callevent.EndedBy]string{
		callevent.EndedByCaller:      "звонивший",
		callevent.EndedByAgent:       "оператор",
		callevent.EndedByApplication: "очередь",
		callevent.EndedByTransfer:    "перевод звонка",
		callevent.EndedByTaken:       "звонок забрал кто-то другой",
		callevent.EndedByLost:        "неизвестно, конца не было видно",
	},
	transfers: map[string]string{"blind": "вслепую", "attended": "с согласованием"},
	settled: map[callevent.Kind]string{
		callevent.KindCallbackCompleted: "Перезвонили{after}{agent}{talked}",
		callevent.KindCallbackFailed:    "Перезвонить не удалось{attempts}{within}{outcome}",
		callevent.KindCallbackExpired:   "Перезвонить не успели: срок вышел{after}{made}",
		callevent.KindCallbackCancelled: "Обратный звонок отменён{after}{by}{why}",
	},
	resolved: map[callevent.ResolvedHow]string{
		callevent.ResolvedAnswered: "Звонивший дозвонился сам{after}{answered}{why}",
		callevent.ResolvedCallback: "Перезвонили{after}{agent}{why}",
		callevent.ResolvedByHand:   "Закрыто{after}{by}{why}",
	},
	settledShort: map[callevent.Kind]string{
		callevent.KindCallbackCompleted: "перезвонили",
		callevent.KindCallbackFailed:    "перезвонить не удалось",
		callevent.KindCallbackExpired:   "перезвонить не успели",
		callevent.KindCallbackCancelled: "обратный звонок отменён",
		callevent.KindResolved:          "закрыто",
	},

	label: labels{
		who: "Кто", what: "Что случилось", when: "Когда", lost: "Потерян", dialled: "Набран номер", place: "Место в очереди",
		agents: "Операторы", rung: "Вызывали", agent: "Оператор", waited: "Ждал", talked: "Говорили", told: "Объявлено",
		note: "Внимание", callback: "Обратный звонок", keys: "Нажаты клавиши", sentTo: "Передан в", refusedBy: "До этого не приняли",
		from: "Откуда", endedBy: "Кто закончил", transfers: "Переводы", recording: "Запись", number: "Номер для звонка",
		attempt: "Попытка", attempts: "Попытки", due: "Назначено на", requested: "Заказан", outcome: "Чем кончилось", result: "Итог",
		missed: "Пропущено", calls: "Пропущено звонков", reason: "Причина", by: "Кто изменил",
		callID: "ID звонка", also: "Также", byQueue: "По очередям", more: "Ещё",
	},
	phrases: phrases{
		unknownQueue: "неизвестная очередь", unknownDialled: "неизвестная очередь, набран {did}",
		withheld: "номер скрыт", noNumber: "номер неизвестен", extension: "добавочный {number}",
		after: "через {span}", atLeast: "не раньше чем через {span}",
		places: "{from} при входе, {to} в конце", place: "место {n}", beyond: "место дальше {n}", estimate: "ждать {span}",
		offered: "предложен {times}", notChosen: "не выбран", chosen: "выбран",
		attempts:    forms{"попытка", "попытки", "попыток"},
		missedCalls: forms{"пропущенный звонок", "пропущенных звонка", "пропущенных звонков"},
		events:      forms{"событие", "события", "событий"}, numbers: forms{"абонент", "абонента", "абонентов"},
		times:          forms{"раз", "раза", "раз"},
		missedOfNumber: "{nth} пропущенный звонок с этого номера",
		free:           "свободны: {n}", talking: "разговаривают: {n}", wrappingUp: "заканчивают прошлый звонок: {n}",
		paused: "на паузе: {n}", unavailable: "недоступны: {n}",
		ringing: " {span}", afterAttempts: ": {attempts}",
		byPerson: " ({who})", byAgent: " (оператор: {who})", answeredBy: " (оператор: {who})", within: " за {span}", reason: ": {why}", talked: ", говорили {span}",
		outcome: ", последняя: {outcome}", made: ", всего {attempts}",
		fromCaller: "звонивший дозвонился сам", self: "сам оператор", queue: "очередь",
		transfer: "{kind}, {who} → {to}", more: "и ещё {n}", others: "прочее", something: "Событие",
	},
}

// russianPlural is CLDR's rule for whole numbers.
func russianPlural(n int64) category {
	ones, teens := n%10, n%100/10 == 1
	switch {
	case ones == 1 && !teens:
		return categoryOne
	case 2 <= ones && ones <= 4 && !teens:
		return categoryFew
	}
	return categoryOther
}
