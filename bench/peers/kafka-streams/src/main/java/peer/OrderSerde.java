package peer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** An order as bytes in the state store and its changelog; binary, because it is written at every message. */
final class OrderSerde implements Serde<Order> {
    @Override
    public Serializer<Order> serializer() {
        return (topic, order) -> order == null ? null : write(order);
    }

    @Override
    public Deserializer<Order> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(bytes);
    }

    static byte[] write(Order order) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(order.sequence);
            writeLines(out, order.lines);
            writeParcels(out, order.parcels);
            out.writeInt(order.seen.size());
            for (String message : order.seen) {
                out.writeUTF(message);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void writeLines(DataOutputStream out, Map<String, Line> lines) throws IOException {
        out.writeInt(lines.size());
        for (Map.Entry<String, Line> entry : lines.entrySet()) {
            Line line = entry.getValue();
            out.writeUTF(entry.getKey());
            out.writeLong(line.ordered);
            out.writeLong(line.cancelled);
            out.writeLong(line.shipped);
            out.writeLong(line.returnedGood);
            out.writeLong(line.returnedBad);
            out.writeLong(line.rejected);
        }
    }

    private static void writeParcels(DataOutputStream out, Map<String, List<Message.Item>> parcels) throws IOException {
        out.writeInt(parcels.size());
        for (Map.Entry<String, List<Message.Item>> parcel : parcels.entrySet()) {
            out.writeUTF(parcel.getKey());
            out.writeInt(parcel.getValue().size());
            for (Message.Item item : parcel.getValue()) {
                out.writeUTF(item.lineId());
                out.writeLong(item.quantity());
            }
        }
    }

    static Order read(byte[] bytes) {
        Order order = new Order();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            order.sequence = in.readLong();
            for (int left = in.readInt(); left > 0; left--) {
                readLine(in, order.line(in.readUTF()));
            }
            for (int left = in.readInt(); left > 0; left--) {
                order.parcels.put(in.readUTF(), readItems(in));
            }
            for (int left = in.readInt(); left > 0; left--) {
                order.seen.add(in.readUTF());
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return order;
    }

    private static void readLine(DataInputStream in, Line line) throws IOException {
        line.ordered = in.readLong();
        line.cancelled = in.readLong();
        line.shipped = in.readLong();
        line.returnedGood = in.readLong();
        line.returnedBad = in.readLong();
        line.rejected = in.readLong();
    }

    private static List<Message.Item> readItems(DataInputStream in) throws IOException {
        int size = in.readInt();
        List<Message.Item> items = new ArrayList<>(size);
        for (int n = 0; n < size; n++) {
            items.add(new Message.Item(in.readUTF(), in.readLong(), true));
        }
        return items;
    }
}
