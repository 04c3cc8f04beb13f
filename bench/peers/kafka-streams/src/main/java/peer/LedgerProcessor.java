package peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** One message in; the order's new state into the store; one event out, unless the message was seen before. */
final class LedgerProcessor implements Processor<String, byte[], String, byte[]> {
    static final String STORE = "orders";
    private static final JsonFactory JSON = new JsonFactory();

    private final Measure measure;
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, Order> orders;

    LedgerProcessor(Measure measure) {
        this.measure = measure;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        this.context = context;
        this.orders = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        measure.record();
        Message message;
        try {
            message = Message.parse(record.value());
        } catch (IOException | NullPointerException unreadable) {
            measure.broken.incrementAndGet();
            return;
        }
        Order order = orders.get(message.subject);
        if (order == null) {
            order = new Order();
        }
        String event = order.accept(message);
        if (event == null) {
            measure.repeated.incrementAndGet();
            return;
        }
        orders.put(message.subject, order);
        context.forward(record.withKey(message.subject).withValue(json(event, message, order)));
    }

    private static byte[] json(String event, Message message, Order order) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("specversion", "1.0");
            json.writeStringField("id", message.subject + "-" + order.sequence);
            json.writeStringField("source", "peer/kafka-streams");
            json.writeStringField("type", event);
            json.writeStringField("subject", message.subject);
            json.writeStringField("time", message.time);
            json.writeStringField("sequence", padded(order.sequence));
            json.writeObjectFieldStart("data");
            json.writeStringField("order_id", message.subject);
            json.writeStringField("cause_source", message.source);
            json.writeStringField("cause_id", message.id);
            writeLines(json, message, order);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** A CloudEvents sequence is a string that must sort; String.format is ten times slower. */
    private static String padded(long sequence) {
        String digits = Long.toString(sequence);
        return "0".repeat(Math.max(0, 10 - digits.length())) + digits;
    }

    /** The lines that the message names, as they are now. */
    private static void writeLines(JsonGenerator json, Message message, Order order) throws IOException {
        json.writeArrayFieldStart("lines");
        for (Message.Item item : message.items == null ? java.util.List.<Message.Item>of() : message.items) {
            Line line = order.lines.get(item.lineId());
            if (line == null) {
                continue;
            }
            json.writeStartObject();
            json.writeStringField("line_id", item.lineId());
            json.writeNumberField("ordered", line.ordered);
            json.writeNumberField("stopped", line.stopped());
            json.writeNumberField("crossed", line.crossed());
            json.writeNumberField("kept", line.kept());
            json.writeNumberField("to_ship", line.toShip());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
