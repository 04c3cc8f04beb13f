package peer;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Counts and clocks, and how they are said: one JSON object a line on stdout. */
final class Measure {
    final AtomicLong repeated = new AtomicLong();
    final AtomicLong broken = new AtomicLong();
    private final AtomicLong records = new AtomicLong();
    private final long warmUp;
    private volatile long firstAt;
    private volatile long warmAt;
    private volatile double cpuFirst;
    private volatile double cpuWarm;
    private long settled;
    private long settledAt;
    private double cpuSettled;

    Measure(long warmUp) {
        this.warmUp = warmUp;
    }

    /** Called before each record is worked on. */
    void record() {
        long n = records.incrementAndGet();
        if (n == 1) {
            cpuFirst = cpuSeconds();
            firstAt = System.nanoTime();
        }
        if (n == warmUp + 1) {
            cpuWarm = cpuSeconds();
            warmAt = System.nanoTime();
        }
    }

    long records() {
        return records.get();
    }

    void sayProgress() {
        double seconds = firstAt == 0 ? 0 : (System.nanoTime() - firstAt) / 1e9;
        say("{\"processed\": %d, \"seconds\": %.3f, \"wall\": %.3f}", records(), seconds, System.currentTimeMillis() / 1000.0);
    }

    /** So many messages are committed as of now; the clock of the last word stops at the last that was new. */
    void settle(long messages) {
        if (messages > settled) {
            settled = messages;
            settledAt = System.nanoTime();
            cpuSettled = cpuSeconds();
        }
    }

    long settled() {
        return settled;
    }

    void sayFinal() {
        double seconds = settled == 0 ? 0 : (settledAt - firstAt) / 1e9;
        boolean warm = warmAt != 0 && settled > warmUp;
        double warmSeconds = (settledAt - warmAt) / 1e9;
        say("{\"final\": true, \"messages\": %d, \"seconds\": %.3f, \"messages_per_second\": %.0f, \"warm_up\": %d, "
                + "\"messages_per_second_after_warm_up\": %s, \"cpu_seconds\": %.2f, \"cpu_seconds_from_first_record\": %.2f, "
                + "\"cpu_seconds_after_warm_up\": %s, \"repeated\": %d, \"broken\": %d}",
            settled, seconds, settled == 0 ? 0 : settled / seconds, warmUp,
            warm ? number((settled - warmUp) / warmSeconds) : "null", cpuSeconds(), cpuSettled - cpuFirst,
            warm ? number(cpuSettled - cpuWarm) : "null", repeated.get(), broken.get());
    }

    private static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
        System.out.flush();
    }
}
