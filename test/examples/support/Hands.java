import java.awt.Component;
import java.awt.Container;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.datatransfer.StringSelection;
import java.awt.event.KeyEvent;
import java.awt.event.WindowEvent;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JTextField;
import javax.swing.JTextPane;
import javax.swing.SwingUtilities;

/**
 * Eyes and hands in front of a Swing program, as a Java agent: it takes a command a line from stdin, gives real keys to
 * whatever has the focus, and prints what is on the screen.
 */
public class Hands {
    public static void premain(String arguments) {
        var worker = new Thread(() -> {
            try {
                obey();
            } catch (Exception fault) {
                fault.printStackTrace();
            }
        });
        worker.setDaemon(true);
        worker.start();
    }

    private static void obey() throws Exception {
        Robot robot = null;
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            if (robot == null) robot = new Robot();
            robot.setAutoWaitForIdle(true);
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "keys" -> {
                    for (char key : words[1].toUpperCase().toCharArray()) press(robot, key);
                    press(robot, KeyEvent.VK_ENTER);
                }
                case "paste" -> {
                    var text = new StringSelection(new String(Base64.getDecoder().decode(words[1]), StandardCharsets.UTF_8));
                    Toolkit.getDefaultToolkit().getSystemClipboard().setContents(text, null);
                    robot.keyPress(KeyEvent.VK_CONTROL);
                    press(robot, KeyEvent.VK_V);
                    robot.keyRelease(KeyEvent.VK_CONTROL);
                    press(robot, KeyEvent.VK_ENTER);
                }
                case "shot" -> {
                    for (Window window : showing()) {
                        var image = robot.createScreenCapture(new Rectangle(window.getLocationOnScreen(), window.getSize()));
                        ImageIO.write(image, "png", new File(words[1]));
                    }
                }
                case "close" -> SwingUtilities.invokeLater(() -> {
                    for (Window window : showing()) window.dispatchEvent(new WindowEvent(window, WindowEvent.WINDOW_CLOSING));
                });
                default -> { }
            }
            var seen = new String[1];
            SwingUtilities.invokeAndWait(() -> seen[0] = see());
            System.out.println("seen " + Base64.getEncoder().encodeToString(seen[0].getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static void press(Robot robot, int key) {
        robot.keyPress(key);
        robot.keyRelease(key);
    }

    private static List<Window> showing() {
        return List.of(Window.getWindows()).stream().filter(Window::isShowing).toList();
    }

    /** Log, state, roster, whether something can be typed, and the texts of a dialog, with NUL between them. */
    private static String see() {
        String log = "", state = "", canType = "", dialog = "";
        List<String> roster = new ArrayList<>();
        for (Window window : showing()) {
            for (Component component : all(window)) {
                if (component instanceof JTextPane pane) log = pane.getText();
                if (component instanceof JLabel label && "state".equals(label.getName())) state = label.getText();
                else if (component instanceof JLabel label && window instanceof java.awt.Dialog) dialog += label.getText() + " ";
                if (component instanceof JTextField field) canType = field.isEnabled() && field.isFocusOwner() ? "yes" : "";
                if (component instanceof JList<?> list) {
                    for (int at = 0; at < list.getModel().getSize(); at++) roster.add("" + list.getModel().getElementAt(at));
                }
            }
        }
        return String.join("\0", log, state, String.join("\n", roster), canType, dialog);
    }

    private static List<Component> all(Container parent) {
        List<Component> found = new ArrayList<>();
        for (Component child : parent.getComponents()) {
            found.add(child);
            if (child instanceof Container container) found.addAll(all(container));
        }
        return found;
    }
}
