// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {EvidenceRegistry} from "../src/EvidenceRegistry.sol";
import {Deployed} from "./support/Deployed.sol";

contract EvidenceRegistryTest is Deployed {
    event RootAnchored(bytes32 indexed centre, uint64 indexed hour, bytes32 root, uint32 leaves);

    bytes32 private constant CENTRE = keccak256("centre");

    function setUp() public {
        deployAll();
    }

    function one(uint64 hour, bytes32 root) private pure returns (EvidenceRegistry.Anchor[] memory anchors) {
        anchors = new EvidenceRegistry.Anchor[](1);
        anchors[0] = EvidenceRegistry.Anchor(CENTRE, hour, 12, root);
    }

    function test_anchorsARootOnce() public {
        vm.expectEmit(true, true, true, true, address(registry));
        emit RootAnchored(CENTRE, 3_600, keccak256("root"), 12);
        vm.startPrank(SETTLER);
        equal("added", registry.anchor(one(3_600, keccak256("root"))), 1);
        equal("the same again is harmless", registry.anchor(one(3_600, keccak256("root"))), 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                EvidenceRegistry.EvidenceRootConflict.selector, CENTRE, uint64(3_600), keccak256("root")
            )
        );
        registry.anchor(one(3_600, keccak256("another")));
        vm.stopPrank();
        isTrue("root", registry.rootOf(CENTRE, 3_600) == keccak256("root"));
    }

    function test_refusesWhatIsNoHourOrNoRoot() public {
        vm.startPrank(SETTLER);
        vm.expectRevert(
            abi.encodeWithSelector(EvidenceRegistry.EvidenceInvalidAnchor.selector, CENTRE, uint64(3_601))
        );
        registry.anchor(one(3_601, keccak256("root")));
        vm.expectRevert(
            abi.encodeWithSelector(EvidenceRegistry.EvidenceInvalidAnchor.selector, CENTRE, uint64(3_600))
        );
        registry.anchor(one(3_600, bytes32(0)));
        vm.stopPrank();
    }

    function test_onlyTheAnchorRoleAnchors() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, PAUSER));
        vm.prank(PAUSER);
        registry.anchor(one(3_600, keccak256("root")));
    }

    function testFuzz_aStandingRootNeverChanges(uint64 hour, bytes32 first, bytes32 second) public {
        hour -= hour % 3_600;
        vm.assume(first != bytes32(0) && second != bytes32(0) && first != second);
        vm.startPrank(SETTLER);
        registry.anchor(one(hour, first));
        vm.expectRevert(
            abi.encodeWithSelector(EvidenceRegistry.EvidenceRootConflict.selector, CENTRE, hour, first)
        );
        registry.anchor(one(hour, second));
        vm.stopPrank();
        isTrue("first stands", registry.rootOf(CENTRE, hour) == first);
    }
}
