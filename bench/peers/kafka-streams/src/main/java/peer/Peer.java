package peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;

/** The ledger as a Kafka Streams program, measured. */
public final class Peer {
    private static volatile boolean asked;
    private static volatile Throwable failure;

    public static void main(String[] args) throws Exception {
        if (List.of(args).contains("--help")) {
            System.out.println(Options.USAGE);
            return;
        }
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException error) {
            System.err.println("peer: " + error.getMessage() + "\n" + Options.USAGE);
            System.exit(2);
            return;
        }
        measure(options);
    }

    private static void measure(Options options) throws Exception {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            asked = true;
            join(main); // SIGTERM waits for the last word
        }));
        Path state = options.state().isEmpty() ? Files.createTempDirectory("peer-") : Path.of(options.state());
        try {
            run(options, state);
        } catch (ExecutionException error) {
            failure = error.getCause();
        } finally {
            if (options.state().isEmpty()) {
                delete(state);
            }
        }
        if (failure != null) {
            System.err.println("peer: stopped by an error: " + failure + "\nIs the broker at " + options.bootstrap()
                + " up, and are there the topics " + options.prefix() + "{storefront,warehouse,payments}?");
            Runtime.getRuntime().halt(1); // exit() would wait for the hook, which waits for us
        }
    }

    private static void run(Options options, Path state) throws Exception {
        List<String> inputs = Stream.of("storefront", "warehouse", "payments").map(options.prefix()::concat).toList();
        String output = options.prefix() + "peer-orders";
        Measure measure = new Measure(options.warmUp());
        try (Admin admin = Admin.create(adminSettings(options))) {
            List<TopicPartition> partitions = prepare(admin, inputs, output);
            Map<TopicPartition, Long> base = positions(admin, options, partitions);
            KafkaStreams streams = new KafkaStreams(topology(inputs, output, measure), settings(options, state));
            streams.setUncaughtExceptionHandler(error -> {
                failure = error;
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            streams.start();
            watch(options, measure, admin, base);
            streams.close(Duration.ofSeconds(30)); // commits what was processed
            measure.settle(committed(admin, options, base));
            measure.sayFinal();
        }
    }

    /** Until enough messages are committed, or we are told to stop. */
    private static void watch(Options options, Measure measure, Admin admin, Map<TopicPartition, Long> base) throws Exception {
        long enough = options.messages() > 0 ? options.messages() : Long.MAX_VALUE;
        long nextWord = System.nanoTime();
        long before = 0;
        while (!asked && failure == null && measure.settled() < enough) {
            if (System.nanoTime() >= nextWord) {
                measure.sayProgress();
                nextWord += 1_000_000_000L;
            }
            long processed = measure.records();
            boolean idle = processed == before && processed > measure.settled();
            if (idle || processed >= enough) { // never asked while it works: the answer costs the broker time
                measure.settle(committed(admin, options, base));
            }
            before = processed;
            Thread.sleep(5);
        }
    }

    private static Topology topology(List<String> inputs, String output, Measure measure) {
        var store = Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(LedgerProcessor.STORE), Serdes.String(), new OrderSerde());
        return new Topology()
            .addSource("messages", new StringDeserializer(), new ByteArrayDeserializer(), inputs.toArray(String[]::new))
            .addProcessor("ledger", () -> new LedgerProcessor(measure), "messages")
            .addStateStore(store.withCachingEnabled().withLoggingEnabled(Map.of()), "ledger")
            .addSink("events", output, new StringSerializer(), new ByteArraySerializer(), "ledger");
    }

    private static Properties settings(Options options, Path state) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.applicationId());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, options.guarantee());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.threads());
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.commitIntervalMs());
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, options.cacheBytes());
        settings.put("auto.offset.reset", "earliest");
        return settings;
    }

    private static Map<String, Object> adminSettings(Options options) {
        return Map.of("bootstrap.servers", options.bootstrap(), "default.api.timeout.ms", 15_000, "request.timeout.ms", 15_000,
            "reconnect.backoff.ms", 1_000, "reconnect.backoff.max.ms", 1_000);
    }

    /** The partitions of all inputs; makes the output topic, with as many, where it is missing. */
    private static List<TopicPartition> prepare(Admin admin, List<String> inputs, String output) throws Exception {
        List<TopicPartition> partitions = new ArrayList<>();
        int most = 0;
        for (TopicDescription topic : admin.describeTopics(inputs).allTopicNames().get().values()) {
            most = Math.max(most, topic.partitions().size());
            topic.partitions().forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
        }
        try {
            admin.createTopics(List.of(new NewTopic(output, Optional.of(most), Optional.empty()))).all().get();
        } catch (ExecutionException error) {
            if (!(error.getCause() instanceof TopicExistsException)) {
                throw error;
            }
        }
        return partitions;
    }

    /** Where the group will start to read: what it has committed, else the beginning. */
    private static Map<TopicPartition, Long> positions(Admin admin, Options options, List<TopicPartition> partitions) throws Exception {
        Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
        partitions.forEach(partition -> earliest.put(partition, OffsetSpec.earliest()));
        Map<TopicPartition, Long> base = new HashMap<>();
        admin.listOffsets(earliest).all().get().forEach((partition, found) -> base.put(partition, found.offset()));
        offsets(admin, options).forEach((partition, found) -> base.put(partition, found.offset()));
        return base;
    }

    private static long committed(Admin admin, Options options, Map<TopicPartition, Long> base) throws Exception {
        long sum = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> found : offsets(admin, options).entrySet()) {
            sum += found.getValue().offset() - base.get(found.getKey());
        }
        return sum;
    }

    /** Of our inputs only; a transaction that is still open does not count. */
    private static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, Options options) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>(
            admin.listConsumerGroupOffsets(options.applicationId()).partitionsToOffsetAndMetadata().get());
        found.values().removeIf(offset -> offset == null);
        return found;
    }

    private static void join(Thread main) {
        try {
            main.join(60_000);
        } catch (InterruptedException ignored) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
