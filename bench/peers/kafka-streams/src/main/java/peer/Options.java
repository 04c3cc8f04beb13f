package peer;

import java.util.LinkedHashMap;
import java.util.Map;

/** The command line: `--name value` pairs. */
record Options(String bootstrap, String prefix, String applicationId, String state, long messages, long warmUp,
        int threads, long commitIntervalMs, long cacheBytes, String guarantee) {
    static final String USAGE = """
        run --bootstrap HOST:PORT [--prefix countermand.] [--messages N] [--warm-up W] [--threads 2]
            [--commit-interval-ms 100] [--application-id PREFIXpeer] [--state DIR] [--cache-bytes 33554432]
            [--guarantee exactly_once_v2|at_least_once]
        --messages: stop after N messages are committed (0: at SIGTERM only)
        --warm-up: messages that the second rate leaves out
        --application-id: a new one reads the topics from their beginning
        --state: the RocksDB folder; absent, a temporary one that is removed at the end""";

    static Options parse(String[] args) {
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("not understood: " + args[i]);
            }
            given.put(args[i].substring(2), args[i + 1]);
        }
        String prefix = take(given, "prefix", "countermand.");
        Options options = new Options(take(given, "bootstrap", null), prefix, take(given, "application-id", prefix + "peer"),
            take(given, "state", ""), Long.parseLong(take(given, "messages", "0")), Long.parseLong(take(given, "warm-up", "0")),
            Integer.parseInt(take(given, "threads", "2")), Long.parseLong(take(given, "commit-interval-ms", "100")),
            Long.parseLong(take(given, "cache-bytes", "33554432")), take(given, "guarantee", "exactly_once_v2"));
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("unknown: --" + given.keySet().iterator().next());
        }
        return options;
    }

    private static String take(Map<String, String> given, String name, String otherwise) {
        String value = given.containsKey(name) ? given.remove(name) : otherwise;
        if (value == null) {
            throw new IllegalArgumentException("--" + name + " is required");
        }
        return value;
    }
}
