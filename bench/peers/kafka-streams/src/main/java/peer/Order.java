package peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that is kept of one order: its lines, what each parcel held, and which messages it has seen. */
final class Order {
    final Map<String, Line> lines = new LinkedHashMap<>();
    final Map<String, List<Message.Item>> parcels = new HashMap<>();
    final Set<String> seen = new HashSet<>();
    long sequence;

    /** The event that the message leads to, or null when it was seen before. */
    String accept(Message message) {
        if (!seen.add(message.source + '\n' + message.id)) {
            return null;
        }
        sequence++;
        return switch (message.type) {
            case "OrderPlaced" -> place(message);
            case "ItemCancelRequested" -> cancel(message);
            case "ShippedFromWarehouse" -> ship(message);
            case "DeliveryRejected" -> reject(message);
            case "ReturnedToWarehouse" -> takeBack(message);
            default -> message.type; // recorded, moves no goods here
        };
    }

    Line line(String lineId) {
        return lines.computeIfAbsent(lineId, unknown -> new Line());
    }

    private String place(Message message) {
        for (Message.Item item : itemsOf(message)) {
            line(item.lineId()).ordered = item.quantity();
        }
        return message.type;
    }

    /** Whole or not at all; no items: everything that can be cancelled. */
    private String cancel(Message message) {
        if (message.items == null) {
            message.items = cancellable();
        }
        Map<String, Long> wanted = new HashMap<>();
        message.items.forEach(item -> wanted.merge(item.lineId(), item.quantity(), Long::sum));
        for (Map.Entry<String, Long> line : wanted.entrySet()) {
            Line known = lines.get(line.getKey());
            if (known == null || line.getValue() > known.cancellable()) {
                return "CancellationRefused";
            }
        }
        wanted.forEach((lineId, quantity) -> line(lineId).cancelled += quantity);
        return wanted.isEmpty() ? "CancellationRefused" : "ItemCancelled";
    }

    private List<Message.Item> cancellable() {
        List<Message.Item> items = new ArrayList<>();
        lines.forEach((lineId, line) -> {
            if (line.cancellable() > 0) {
                items.add(new Message.Item(lineId, line.cancellable(), true));
            }
        });
        return items;
    }

    private String ship(Message message) {
        for (Message.Item item : itemsOf(message)) {
            line(item.lineId()).shipped += item.quantity();
        }
        parcels.computeIfAbsent(message.shipmentId, none -> new ArrayList<>()).addAll(itemsOf(message));
        return message.type;
    }

    /** No items: everything that the parcel holds. */
    private String reject(Message message) {
        if (message.items == null) {
            message.items = parcels.getOrDefault(message.shipmentId, List.of());
        }
        for (Message.Item item : message.items) {
            line(item.lineId()).rejected += item.quantity();
        }
        return message.type;
    }

    private String takeBack(Message message) {
        for (Message.Item item : itemsOf(message)) {
            Line line = line(item.lineId());
            if (item.good()) {
                line.returnedGood += item.quantity();
            } else {
                line.returnedBad += item.quantity();
            }
        }
        return message.type;
    }

    private static List<Message.Item> itemsOf(Message message) {
        return message.items == null ? List.of() : message.items;
    }
}
