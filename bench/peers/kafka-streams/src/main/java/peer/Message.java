package peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One structured-mode CloudEvent, as far as the ledger needs it: read in one pass, the rest skipped. */
final class Message {
    record Item(String lineId, long quantity, boolean good) {}

    private static final JsonFactory JSON = new JsonFactory();

    String id;
    String source;
    String type;
    String subject;
    String time;
    String orderId;
    String shipmentId;
    /** What `lines` or `items` holds; null when the message has neither. */
    List<Item> items;

    static Message parse(byte[] bytes) throws IOException {
        Message message = new Message();
        try (JsonParser json = JSON.createParser(bytes)) {
            expect(json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                message.readAttribute(json, json.currentName(), json.nextToken());
            }
        }
        message.check();
        return message;
    }

    private void readAttribute(JsonParser json, String name, JsonToken token) throws IOException {
        switch (name) {
            case "id" -> id = text(json, token);
            case "source" -> source = text(json, token);
            case "type" -> type = text(json, token);
            case "subject" -> subject = text(json, token);
            case "time" -> time = text(json, token);
            case "data" -> readData(json, token);
            default -> json.skipChildren();
        }
    }

    private void readData(JsonParser json, JsonToken first) throws IOException {
        expect(first, JsonToken.START_OBJECT);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            switch (name) {
                case "order_id" -> orderId = text(json, token);
                case "shipment_id" -> shipmentId = text(json, token);
                case "lines", "items" -> items = readItems(json, token);
                default -> json.skipChildren();
            }
        }
    }

    private static List<Item> readItems(JsonParser json, JsonToken first) throws IOException {
        expect(first, JsonToken.START_ARRAY);
        List<Item> items = new ArrayList<>(4);
        while (json.nextToken() == JsonToken.START_OBJECT) {
            items.add(readItem(json));
        }
        return items;
    }

    private static Item readItem(JsonParser json) throws IOException {
        String lineId = null;
        long quantity = 0;
        boolean good = true;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            switch (name) {
                case "line_id" -> lineId = text(json, token);
                case "quantity" -> quantity = json.getLongValue();
                case "condition" -> good = !text(json, token).equals("damaged");
                default -> json.skipChildren();
            }
        }
        if (lineId == null || quantity < 1) {
            throw new IOException("an item needs line_id and a quantity of at least 1");
        }
        return new Item(lineId, quantity, good);
    }

    private void check() throws IOException {
        if (id == null || source == null || type == null || time == null || orderId == null) {
            throw new IOException("id, source, type, time and data.order_id are required");
        }
        if (!orderId.equals(subject)) {
            throw new IOException("subject is not data.order_id");
        }
    }

    private static String text(JsonParser json, JsonToken token) throws IOException {
        expect(token, JsonToken.VALUE_STRING);
        return json.getText();
    }

    private static void expect(JsonToken token, JsonToken wanted) throws IOException {
        if (token != wanted) {
            throw new IOException("expected " + wanted + ", found " + token);
        }
    }
}
