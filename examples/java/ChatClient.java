import java.awt.*;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.*;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.time.*;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.List;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.*;
import javax.swing.*;
import javax.swing.text.*;

/**
 * A member of a Parlor room as a desktop window, with nothing but the JDK (17 or newer): it holds a stream of
 * Server-Sent Events.
 *
 * <pre>java ChatClient.java http://127.0.0.1:3000/lobby --name Ada</pre>
 *
 * Without a name it asks for one. Closing the window leaves the room, and so does Ctrl+C.
 */
public class ChatClient {
    public static void main(String[] args) throws Exception {
        String url = "", name = "", room = "";
        for (int at = 0; at < args.length; at++) {
            if (args[at].equals("--name") && at + 1 < args.length) name = args[++at];
            else if (args[at].equals("--room") && at + 1 < args.length) room = args[++at];
            else url = args[at];
        }
        Matcher parts = Pattern.compile("(https?://[^/]+)/*([^/]*).*").matcher(url);
        if (!parts.matches()) {
            System.err.println("Usage: java ChatClient.java URL [--name N] [--room R]");
            System.exit(2);
        }
        if (room.isEmpty()) room = parts.group(2).isEmpty() ? "lobby" : parts.group(2);
        var member = new Member(parts.group(1), room, name);
        SwingUtilities.invokeAndWait(() -> member.window = new ChatWindow(member));
        Runtime.getRuntime().addShutdownHook(new Thread(member::leave));
        for (Runnable work : List.<Runnable>of(member::stay, member::speak)) new Thread(work).start();
    }
}

/** One stay in a room. Its threads are its own: the event dispatch thread never waits for the network. */
class Member {
    final String room;
    private final BlockingQueue<String> outbox = new LinkedBlockingQueue<>(50);
    private final AtomicInteger unsaid = new AtomicInteger();
    ChatWindow window;
    private final String base;
    private final HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
    private final Set<String> roster = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private String name, cursor, createKey, pendingKey;
    private volatile String token;
    private double heartbeat = 15, retry = 0;
    private boolean hasHeard, isPendingSaid;
    /** One's own join was heard: all that was said before under an old session is heard, too. */
    private boolean isInside;
    private int gaps;
    private volatile boolean isLeaving;
    private volatile long heardAt;

    Member(String origin, String room, String name) {
        this.room = room;
        this.name = name;
        base = origin + "/v1/rooms/" + escape(room) + "/session";
    }

    /** What ended a try; `action` says what to do: retry, create (a new session) or stop. */
    static class Trouble extends IOException {
        String code = "", action = "retry";
        double retryAfter = 0;

        Trouble(String detail) {
            super(detail);
        }
    }

    // Requests

    private HttpRequest.Builder to(String path, String bearer) {
        var request = HttpRequest.newBuilder(URI.create(base + path));
        return bearer == null ? request : request.header("Authorization", "Bearer " + bearer);
    }

    private Map<String, Object> ask(HttpRequest.Builder request, int seconds) throws Trouble {
        var response = await(request.build(), HttpResponse.BodyHandlers.ofString(), seconds);
        if (response.statusCode() >= 300) throw refusal(response, response.body());
        return response.body().isEmpty() ? Map.of() : Json.read(response.body());
    }

    private static HttpRequest.Builder post(HttpRequest.Builder request, Map<String, String> body) {
        var text = HttpRequest.BodyPublishers.ofString(Json.write(body));
        return request.header("Content-Type", "application/json").POST(text);
    }

    private <T> HttpResponse<T> await(HttpRequest request, HttpResponse.BodyHandler<T> body, double seconds) throws Trouble {
        var answer = http.sendAsync(request, body);
        try {
            return answer.get((long) (seconds * 1000), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException late) {
            answer.cancel(true);
            throw new Trouble("The server does not answer.");
        } catch (ExecutionException failed) {
            throw new Trouble("The server cannot be reached.");
        }
    }

    static Trouble noAnswer() {
        return new Trouble("That is no answer of a Parlor server.");
    }

    private static Trouble refusal(HttpResponse<?> response, String text) {
        int status = response.statusCode();
        Map<String, Object> body;
        try {
            body = Json.read(text);
        } catch (Trouble page) { // Of a proxy.
            body = Map.of();
        }
        var trouble = new Trouble("" + body.getOrDefault("detail", "The server answers " + status + "."));
        trouble.code = "" + body.get("code");
        String after = response.headers().firstValue("Retry-After").orElse("");
        if (after.matches("\\d{1,6}")) trouble.retryAfter = Integer.parseInt(after);
        boolean passes = status == 408 || status == 429 || status >= 500 || trouble.code.equals("not-joined");
        if (status == 401 || status == 410) trouble.action = "" + body.getOrDefault("action", "create");
        else if (!passes) trouble.action = "stop";
        return trouble;
    }

    /** Full jitter, so that not all clients come back at once when a server does. */
    private static void rest(int failures, double least) {
        try {
            Thread.sleep((long) (1000 * (least + Math.random() * Math.min(30, Math.pow(2, failures)))));
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
    }

    // The session

    /** Opens a session. A lost answer is asked for again under the same key, so that it is still one session. */
    private void create() throws Trouble {
        if (createKey == null) createKey = UUID.randomUUID().toString();
        for (int failures = 1; ; failures++) {
            try {
                var request = to("", null).header("Idempotency-Key", createKey);
                var session = ask(post(request, Map.of("name", name, "delivery", "push", "credential", "bearer")), 15);
                synchronized (this) {
                    token = (String) session.get("token");
                    name = (String) session.get("name");
                    isInside = false;
                }
                heartbeat = ((Number) session.get("heartbeat")).doubleValue();
                if (cursor == null) cursor = (String) session.get("cursor"); // A new session goes on where the old one was.
                return;
            } catch (NullPointerException | ClassCastException isNone) {
                window.state(noAnswer().getMessage() + " Trying again.");
                rest(failures, 0);
            } catch (Trouble trouble) {
                // The old session may hold the name for a moment.
                boolean isMine = token != null && trouble.code.equals("name-in-use") && failures < 5;
                if (!trouble.action.equals("retry") && !isMine) throw trouble;
                window.state(trouble.getMessage() + " Trying again.");
                rest(failures, trouble.retryAfter);
            }
        }
    }

    /** 204 and 410 both say that the leave is certain. Whoever cannot wait goes: the session expires. */
    void leave() {
        isLeaving = true;
        for (int failures = 0; failures < 3 && token != null; rest(failures++, 0)) {
            try {
                ask(to("", token).DELETE(), 5);
                return;
            } catch (Trouble trouble) {
                if (!trouble.action.equals("retry")) return;
            }
        }
    }

    // Listening

    /** Goes in, hears the room until the stay is over, and goes on by cursor after every break. */
    void stay() {
        for (String why = ""; token == null; ) {
            if (!why.isEmpty() || name.isEmpty()) name = window.askName(why);
            try {
                create();
            } catch (Trouble trouble) {
                why = trouble.getMessage();
                createKey = null;
            }
        }
        window.isIn(name);
        try {
            setRoster(ask(to("/users", token), 15));
        } catch (Trouble | NullPointerException | ClassCastException trouble) {
            // Who comes and goes is heard.
        }
        for (int failures = 0; !isLeaving; ) {
            hasHeard = false;
            Trouble trouble;
            try {
                trouble = stream();
            } catch (Trouble thrown) {
                trouble = thrown;
            } catch (NullPointerException | ClassCastException isNone) {
                trouble = noAnswer();
            }
            failures = hasHeard ? 0 : failures + 1;
            if (isLeaving) return;
            if (!trouble.action.equals("stop")) {
                window.state(trouble.getMessage() + " Trying again.");
                rest(failures, trouble.retryAfter > 0 ? trouble.retryAfter : retry);
            }
            try {
                if (trouble.action.equals("create")) create();
            } catch (Trouble refusal) {
                trouble = refusal;
            }
            if (trouble.action.equals("stop")) {
                window.isOut("You are out of the room. " + trouble.getMessage());
                return;
            }
        }
    }

    /** Reads one stream to its end, and returns why it ended. */
    private Trouble stream() throws Trouble {
        double silence = 2.5 * heartbeat;
        var request = to("/events?liveness=ping&after=" + escape(cursor), token).build();
        var response = await(request, HttpResponse.BodyHandlers.ofInputStream(), silence);
        heardAt = System.nanoTime();
        // Nothing for 2.5 heartbeats: the stream is dead, whatever TCP believes.
        var watch = Executors.newSingleThreadScheduledExecutor();
        try (InputStream bytes = response.body()) {
            watch.scheduleWithFixedDelay(() -> {
                if (System.nanoTime() - heardAt > silence * 1e9) close(bytes);
            }, 1, 1, TimeUnit.SECONDS);
            var lines = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
            if (response.statusCode() >= 300) throw refusal(response, String.join("", lines.lines().toList()));
            return read(lines);
        } catch (Trouble trouble) {
            throw trouble;
        } catch (IOException | UncheckedIOException cut) {
            throw new Trouble("The connection was lost.");
        } finally {
            watch.shutdownNow();
        }
    }

    private Trouble read(BufferedReader lines) throws IOException {
        String kind = "", id = "", data = "", line;
        long pingedAt = System.nanoTime();
        while ((line = lines.readLine()) != null) {
            heardAt = System.nanoTime();
            String[] parts = line.split(": ?", 2);
            String field = parts[0], value = parts.length > 1 ? parts[1] : "";
            if (field.equals("event")) kind = value;
            else if (field.equals("id")) id = value;
            else if (field.equals("data")) data += value + "\n";
            else if (field.equals("retry") && value.matches("\\d{1,9}")) retry = Integer.parseInt(value) / 1000.0;
            else if (line.startsWith(":")) hears();
            if (!line.isEmpty()) continue;

            // Bytes that arrive are answered now and then: the server learns that one is still there.
            if (heardAt - pingedAt > heartbeat * 1e9) {
                pingedAt = heardAt;
                http.sendAsync(to("/ping", token).POST(HttpRequest.BodyPublishers.noBody()).build(),
                    HttpResponse.BodyHandlers.discarding());
            }
            Map<String, Object> told = data.isEmpty() ? Map.of() : Json.read(data);
            if (kind.equals("bye")) {
                var bye = new Trouble("The stream ended (" + told.get("reason") + "). "
                    + told.getOrDefault("detail", ""));
                bye.action = "" + told.get("action");
                return bye;
            }
            if (kind.equals("init")) tellGap(told);
            else if (kind.equals("status")) window.state("The server's store is " + told.get("store") + ".");
            else if (told.containsKey("id")) hear(told);
            if (!id.isEmpty()) {
                cursor = id;
                createKey = null;
                hears();
            }
            kind = id = data = "";
        }
        throw new IOException("cut off");
    }

    private void hears() {
        if (!hasHeard) window.state("Live");
        hasHeard = true;
    }

    private synchronized void tellGap(Map<String, Object> init) {
        Object lost = init.get("lost");
        setRoster(init);
        isInside = roster.contains(name);
        notifyAll();
        if (lost instanceof Number number && number.longValue() == 0) return;
        gaps++;
        if (lost == null) window.forgetIds(); // They may begin anew.
        window.tell(0, null, "", (lost == null ? "Some" : lost) + " events are lost.");
    }

    private synchronized void setRoster(Map<String, Object> answer) {
        roster.clear();
        for (Object user : (List<?>) answer.get("users")) roster.add((String) user);
        window.roster(List.copyOf(roster));
    }

    private synchronized void hear(Map<String, Object> event) {
        String kind = "" + event.get("type"), who = "" + event.get("name");
        var at = Instant.ofEpochMilli(((Number) event.get("timestamp")).longValue());
        long id = ((Number) event.get("id")).longValue();
        if (kind.equals("message")) window.tell(id, at, who, "" + event.get("message"));
        if (kind.equals("announcement")) window.tell(id, at, "Announcement:", "" + event.get("message"));
        if (kind.equals("redaction")) window.redact(((Number) event.get("target")).longValue());
        if (Boolean.TRUE.equals(event.get("redacted"))) window.redact(id);
        if (kind.equals("join") || kind.equals("leave")) {
            boolean isNews = kind.equals("join") ? roster.add(who) : roster.remove(who);
            if (isNews) window.roster(List.copyOf(roster));
            window.tell(id, at, "", who + (kind.equals("join") ? " has joined." : " has left."));
        }
        if (!who.equals(name)) return;
        isInside |= kind.equals("join");
        isPendingSaid |= event.get("key") != null && event.get("key").equals(pendingKey);
        notifyAll();
    }

    // Speaking

    /** Takes what was typed, if there is room for it. */
    boolean take(String text) {
        if (!outbox.offer(text)) return false;
        window.waiting(unsaid.incrementAndGet());
        return true;
    }

    /** Says what was typed, one after the other. */
    void speak() {
        try {
            while (true) {
                String refused = say(outbox.take());
                window.waiting(unsaid.decrementAndGet());
                if (refused != null) window.tell(0, null, "", refused);
            }
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
    }

    /** Says a text once: its key stays the same for every try. Returns what went wrong, or null. */
    private String say(String text) throws InterruptedException {
        String key = UUID.randomUUID().toString(), bearer, doubtToken = null;
        int gapsBefore, doubtGaps = 0;
        synchronized (this) {
            pendingKey = key;
            isPendingSaid = false;
        }
        for (int failures = 0; ; ) {
            synchronized (this) {
                while (!isInside) wait();
                bearer = token;
                gapsBefore = gaps;
                // Keys belong to a session: under a new one, the log tells whether it was said.
                if (isPendingSaid) return null;
                boolean isNewSession = doubtToken != null && !bearer.equals(doubtToken);
                if (isNewSession && gaps != doubtGaps) return "Maybe this was said, maybe not: " + text;
            }
            try {
                ask(post(to("/messages", bearer), Map.of("message", text, "key", key)), 15);
                return null;
            } catch (Trouble trouble) {
                if (trouble.action.equals("retry")) {
                    if (doubtToken == null) doubtGaps = gapsBefore;
                    if (doubtToken == null) doubtToken = bearer;
                    rest(++failures, trouble.retryAfter);
                } else if (trouble.action.equals("stop") && !trouble.code.equals("session-gone")) {
                    return "Not said: " + trouble.getMessage();
                } else {
                    // `stay` sees to a new session, or to the end.
                    synchronized (this) {
                        isInside &= !bearer.equals(token);
                    }
                }
            }
        }
    }

    private static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException isClosed) {
            // That is what was wanted.
        }
    }
}

/** What is seen. Its public methods may be called from any thread. */
class ChatWindow extends JFrame {
    private static final int LINES_KEPT = 2000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneId.systemDefault());
    private static final Color QUIET = new Color(0x5b5b66);
    private final String room;
    private final JTextPane log = new JTextPane();
    private final JLabel state = plain(new JLabel("● Connecting…")), waiting = new JLabel(" ");
    private final DefaultListModel<String> names = new DefaultListModel<>();
    /** Where the texts that were said begin and end, by their ids. */
    private final Map<Long, Position[]> texts = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Position[]> eldest) {
            return size() > LINES_KEPT;
        }
    };
    private final JTextField input = new JTextField();
    /** Who tells faster than can be shown waits, and so does the server. */
    private final Semaphore untold = new Semaphore(1000);

    ChatWindow(Member member) {
        super("Parlor: " + member.room);
        room = member.room;
        log.setEditable(false);
        log.setFont(input.getFont());
        log.setMargin(new Insets(8, 10, 8, 10));
        var hanging = new SimpleAttributeSet();
        StyleConstants.setLeftIndent(hanging, 48);
        StyleConstants.setFirstLineIndent(hanging, -48);
        StyleConstants.setSpaceBelow(hanging, 3);
        log.setParagraphAttributes(hanging, false);
        ((DefaultCaret) log.getCaret()).setUpdatePolicy(DefaultCaret.ALWAYS_UPDATE);
        log.getAccessibleContext().setAccessibleName("What is said");

        var roster = new JList<>(names);
        roster.setCellRenderer(plain(new DefaultListCellRenderer()));
        roster.setFixedCellHeight(24);
        roster.setBorder(BorderFactory.createEmptyBorder(6, 4, 6, 4));
        roster.getAccessibleContext().setAccessibleName("Who is here");

        input.setEnabled(false);
        input.setMargin(new Insets(6, 8, 6, 8));
        input.getAccessibleContext().setAccessibleName("Message");
        input.addActionListener(enter -> {
            if (input.getText().isBlank()) return;
            if (member.take(input.getText())) input.setText("");
            else getToolkit().beep();
        });

        state.setName("state");
        var split = new JSplitPane(JSplitPane.HORIZONTAL_SPLIT, new JScrollPane(log), new JScrollPane(roster));
        split.setDividerSize(6);
        split.setResizeWeight(1);
        split.setDividerLocation(560);
        var status = new JPanel(new BorderLayout());
        status.add(state, BorderLayout.CENTER);
        status.add(waiting, BorderLayout.EAST);
        var bottom = new JPanel(new BorderLayout(0, 8));
        bottom.add(input, BorderLayout.CENTER);
        bottom.add(status, BorderLayout.SOUTH);
        var content = new JPanel(new BorderLayout(0, 8));
        content.setBorder(BorderFactory.createEmptyBorder(10, 10, 8, 10));
        content.add(split, BorderLayout.CENTER);
        content.add(bottom, BorderLayout.SOUTH);
        setContentPane(content);
        setSize(760, 520);
        setLocationByPlatform(true);
        addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                setVisible(false);
                new Thread(() -> System.exit(0)).start(); // Leaves by the hook in `main`.
            }
        });
        setVisible(true);
    }

    static {
        System.setProperty("awt.useSystemAAFontSettings", "on");
        try {
            UIManager.setLookAndFeel("javax.swing.plaf.nimbus.NimbusLookAndFeel");
            UIManager.getLookAndFeelDefaults().put("defaultFont", new Font(Font.SANS_SERIF, Font.PLAIN, 14));
        } catch (ReflectiveOperationException | UnsupportedLookAndFeelException isMissing) {
            // The one that Java starts with will do.
        }
    }

    /** Asks for a name, and ends the program if none is given. */
    public String askName(String why) {
        var found = new String[1];
        try {
            SwingUtilities.invokeAndWait(() -> {
                var question = plain(new JLabel(shown((why + " Your name:").strip())));
                found[0] = JOptionPane.showInputDialog(this, question, "Join " + room, JOptionPane.PLAIN_MESSAGE);
            });
        } catch (ReflectiveOperationException | InterruptedException never) {
            throw new IllegalStateException(never);
        }
        if (found[0] == null) System.exit(0);
        return found[0];
    }

    public void isIn(String name) {
        SwingUtilities.invokeLater(() -> {
            setTitle(shown(name) + " in " + room + " – Parlor");
            input.setEnabled(true);
            input.requestFocusInWindow();
        });
    }

    public void isOut(String why) {
        state(why);
        SwingUtilities.invokeLater(() -> input.setEnabled(false));
    }

    public void state(String text) {
        SwingUtilities.invokeLater(() -> state.setText("● " + shown(text)));
    }

    public void waiting(int count) {
        SwingUtilities.invokeLater(() -> waiting.setText(count == 0 ? " " : count + " on the way"));
    }

    public void roster(List<String> users) {
        SwingUtilities.invokeLater(() -> {
            names.clear();
            for (String user : users) names.addElement(shown(user));
        });
    }

    /** @param name empty for what nobody said */
    public void tell(long id, Instant at, String name, String text) {
        untold.acquireUninterruptibly();
        SwingUtilities.invokeLater(() -> {
            untold.release();
            append(at == null ? "" : TIME.format(at) + "  ", QUIET, false);
            if (!name.isEmpty()) append(shown(name) + "  ", Color.BLACK, true);
            int start = log.getDocument().getLength();
            append(shown(text).replace("\n", "\n" + " ".repeat(12)) + "\n", name.isEmpty() ? QUIET : Color.BLACK, false);
            if (!name.isEmpty()) texts.put(id, new Position[] { mark(start), mark(log.getDocument().getLength() - 1) });
            var root = log.getDocument().getDefaultRootElement();
            int tooMany = root.getElementCount() - LINES_KEPT; // One message may have many lines.
            if (tooMany <= 0) return;
            try {
                log.getDocument().remove(0, root.getElement(tooMany - 1).getEndOffset());
            } catch (BadLocationException never) {
                throw new IllegalStateException(never);
            }
        });
    }

    /** Takes the text from what was said: who has said it when stays. */
    public void redact(long id) {
        SwingUtilities.invokeLater(() -> {
            var text = texts.remove(id);
            if (text == null) return;
            int start = text[0].getOffset(), length = text[1].getOffset() - start;
            if (length <= 0 && start == 0) return; // It is among the lines that are not kept.
            var style = new SimpleAttributeSet();
            StyleConstants.setForeground(style, QUIET);
            StyleConstants.setItalic(style, true);
            try {
                ((AbstractDocument) log.getDocument()).replace(start, length, "Message removed", style);
            } catch (BadLocationException never) {
                throw new IllegalStateException(never);
            }
        });
    }

    public void forgetIds() {
        SwingUtilities.invokeLater(texts::clear);
    }

    private Position mark(int offset) {
        try {
            return log.getDocument().createPosition(offset);
        } catch (BadLocationException never) {
            throw new IllegalStateException(never);
        }
    }

    private void append(String text, Color color, boolean isBold) {
        var style = new SimpleAttributeSet();
        StyleConstants.setForeground(style, color);
        StyleConstants.setBold(style, isBold);
        try {
            log.getDocument().insertString(log.getDocument().getLength(), text, style);
        } catch (BadLocationException never) {
            throw new IllegalStateException(never);
        }
    }

    /** Others' text: what would turn the writing's direction, or shows nothing, is written out. */
    private static String shown(String text) {
        return Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069&&[^\\n\\t]]").matcher(text)
            .replaceAll(found -> "\\\\u{" + Integer.toHexString(found.group().codePointAt(0)) + "}");
    }

    /** Swing takes a label's text for HTML if it begins so; others' text never is. */
    private static <T extends JComponent> T plain(T component) {
        component.putClientProperty("html.disable", true);
        return component;
    }
}

/** As much of JSON as the API speaks. */
class Json {
    private final String text;
    private int at = 0;

    private Json(String text) {
        this.text = text;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> read(String text) throws Member.Trouble {
        var reader = new Json(text);
        try {
            var object = (Map<String, Object>) reader.value();
            reader.skipSpace();
            if (reader.at == text.length() && object != null) return object;
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ClassCastException | StackOverflowError isNone) {
            // Told below.
        }
        throw Member.noAnswer();
    }

    static String write(Map<String, String> object) {
        var members = new StringJoiner(",", "{", "}");
        object.forEach((key, value) -> members.add(quote(key) + ":" + quote(value)));
        return members.toString();
    }

    private static String quote(String text) {
        return '"' + Pattern.compile("[\"\\\\\\x00-\\x1f]").matcher(text)
            .replaceAll(found -> String.format("\\\\u%04x", (int) found.group().charAt(0))) + '"';
    }

    private Object value() {
        skipSpace();
        switch (text.charAt(at)) {
            case '{': {
                var object = new HashMap<String, Object>();
                at++;
                for (skipSpace(); text.charAt(at) != '}'; separate('}')) {
                    String key = (String) value();
                    skipSpace();
                    expect(':');
                    object.put(key, value());
                }
                at++;
                return object;
            }
            case '[': {
                var list = new ArrayList<>();
                at++;
                for (skipSpace(); text.charAt(at) != ']'; separate(']')) list.add(value());
                at++;
                return list;
            }
            case '"':
                return string();
            default: {
                int from = at;
                while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
                String word = text.substring(from, at);
                return switch (word) {
                    case "null" -> null;
                    case "true", "false" -> word.equals("true");
                    default -> word.matches("-?\\d{1,18}") ? (Number) Long.valueOf(word) : (Number) Double.valueOf(word);
                };
            }
        }
    }

    private String string() {
        var result = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            if (text.charAt(at) != '\\') {
                result.append(text.charAt(at));
                continue;
            }
            char escape = text.charAt(++at);
            if (escape == 'u') { // Halves of a surrogate pair come one after the other, as Java keeps them.
                result.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                at += 4;
            } else {
                int known = "bfnrt\"\\/".indexOf(escape);
                result.append("\b\f\n\r\t\"\\/".charAt(known));
            }
        }
        at++;
        return result.toString();
    }

    private void separate(char end) {
        skipSpace();
        if (text.charAt(at) != end) expect(',');
        skipSpace();
    }

    private void expect(char expected) {
        if (text.charAt(at++) != expected) throw new IllegalArgumentException(expected + " is missing");
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }
}
