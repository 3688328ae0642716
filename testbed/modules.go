package testbed

// unusedModules are not loaded: channel drivers that open ports, drivers of databases and services that are not there, and whatever
// else costs time at start and serves no queue. An unknown name is ignored by Asterisk.
var unusedModules = []string{
	// Channel drivers; chan_iax2 and chan_unistim bind fixed ports and would collide between instances.
	"chan_iax2", "chan_unistim", "chan_mgcp", "chan_skinny", "chan_console", "chan_motif", "chan_dahdi", "chan_mobile", "chan_ooh323",
	// Databases.
	"res_config_ldap", "res_config_pgsql", "res_config_odbc", "res_config_sqlite3", "res_config_curl", "res_config_mysql",
	"res_odbc", "res_odbc_transaction", "func_odbc", "res_realtime", "pbx_realtime", "func_realtime", "res_sorcery_realtime",
	"cdr_adaptive_odbc", "cdr_odbc", "cdr_pgsql", "cdr_radius", "cdr_sqlite3_custom", "cdr_tds", "cdr_custom", "cdr_manager",
	"cel_custom", "cel_manager", "cel_odbc", "cel_pgsql", "cel_radius", "cel_sqlite3_custom", "cel_tds", "res_cdrel_custom",
	// Services outside.
	"res_snmp", "res_hep", "res_hep_pjsip", "res_hep_rtcp", "res_xmpp", "res_calendar", "res_calendar_caldav", "res_calendar_ews",
	"res_calendar_exchange", "res_calendar_icalendar", "res_prometheus", "res_statsd", "res_stun_monitor", "res_smdi",
	// This resolver asks root servers on the network for every new name.
	"res_resolver_unbound",
	// Other dialplan languages, voicemail, fax, speech, provisioning.
	"pbx_ael", "res_ael_share", "pbx_lua", "pbx_dundi", "app_voicemail", "app_voicemail_odbc", "app_minivm", "app_directory",
	"res_fax", "res_fax_spandsp", "res_speech_aeap", "res_aeap", "app_speech_utils", "res_phoneprov",
	"res_pjsip_phoneprov_provider", "res_adsi", "app_adsiprog", "app_getcpeid", "app_jack", "app_festival", "app_alarmreceiver",
	"app_sms", "app_dictate", "app_agent_pool", "app_sla", "app_test", "app_mp3", "app_externalivr", "app_amd", "app_zapateller",
	// SIP features nobody here speaks.
	"res_pjsip_publish_asterisk", "res_pjsip_transport_websocket", "res_pjsip_config_wizard", "res_pjsip_stir_shaken",
	"res_stir_shaken", "res_pjsip_geolocation", "res_geolocation", "res_pjsip_outbound_registration", "res_pjsip_t38",
	"res_pjsip_aoc", "res_pjsip_notify",
	// Features that want a configuration of their own.
	"app_confbridge", "app_page", "app_followme", "res_parking", "res_clialiases", "chan_websocket",
	// Formats and codecs beyond what calls and prompts use.
	"codec_amr", "codec_codec2", "codec_opus_open_source", "codec_speex", "codec_lpc10", "codec_g726", "codec_adpcm",
	"format_ogg_opus_open_source", "format_ogg_speex", "format_ogg_vorbis", "format_vp8", "format_vox", "format_h263", "format_h264",
	"res_timing_pthread",
}
